"""Bodies of requests: in memory where they are small, else in files."""

import contextlib
import hashlib
import itertools
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# Of most parts of uploads, and below what others than S3 take.
_IN_MEMORY_BYTES: Final = 1024**2
_PIECE_BYTES: Final = 1024**2
_PART_BYTES: Final = 16 * 1024
_NUMBERS: Final = itertools.count(1)


class BodyFile:
    """A body in a file, which goes with this object.

    Attributes:
        path: of the file, which nobody writes to any more.
        size: in bytes.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size
        weakref.finalize(self, _removed, path)

    def read(self) -> bytes:
        """Return all of it."""
        return self.path.read_bytes()

    def part(self, offset: int, size: int) -> bytes:
        """Return some of it."""
        with self.path.open("rb") as file:
            return os.pread(file.fileno(), size, offset)

    def pieces(self, offset: int, size: int) -> Iterator[bytes]:
        """Yield some of it, a bounded number of bytes at a time."""
        end = offset + size
        with self.path.open("rb") as file:
            while piece := os.pread(file.fileno(), min(end - offset, _PIECE_BYTES), offset):
                yield piece
                offset += len(piece)


class Body:
    """Takes a body as it comes.

    Args:
        folder: of files; None keeps all in memory.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        # Smaller ones are joined as they come: they would take more room than what they hold.
        self._parts: list[bytes | bytearray] = []
        self._in_memory_bytes = 0
        self._file: BodyFile | None = None

    def add(self, data: bytes | bytearray) -> None:
        """Take what has come, which nobody may change any more.

        Raises:
            OSError: there is no room.
        """
        if self._file is None:
            self._keep(data)
            if self._folder is None or self._in_memory_bytes <= _IN_MEMORY_BYTES:
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = BodyFile(self._folder / f"body-{next(_NUMBERS)}", 0)
            data, self._parts = b"".join(self._parts), []
        with self._file.path.open("ab", buffering=0) as file:
            file.write(data)
        self._file.size += len(data)

    def _keep(self, data: bytes | bytearray) -> None:
        self._in_memory_bytes += len(data)
        if len(data) >= _PART_BYTES:
            self._parts.append(data)
            return
        if not self._parts or len(self._parts[-1]) >= _PART_BYTES:
            self._parts.append(bytearray())
        self._parts[-1] += data

    def taken(self) -> bytes | BodyFile:
        """Return the body."""
        return b"".join(self._parts) if self._file is None else self._file


def digest_of(body: bytes | BodyFile, offset: int, size: int) -> str:
    """Return the SHA-256 of some of a body, in hexadecimal."""
    if isinstance(body, bytes):
        return hashlib.sha256(memoryview(body)[offset : offset + size]).hexdigest()
    digest = hashlib.sha256()
    for piece in body.pieces(offset, size):
        digest.update(piece)
    return digest.hexdigest()


def part_of(body: bytes | BodyFile, offset: int, size: int) -> bytes:
    """Return some of a body."""
    return body.part(offset, size) if isinstance(body, BodyFile) else body[offset : offset + size]


def size_of(body: bytes | BodyFile) -> int:
    """Return how many bytes a body has."""
    return body.size if isinstance(body, BodyFile) else len(body)


def _removed(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
