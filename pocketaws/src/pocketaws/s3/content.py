"""What one object holds: in memory where it is small, else in a file that no descriptor keeps open.

An account has thousands of objects, most of which nobody reads again: the models and tables of
executions that are over. Each is a file of its own, opened for as long as it is read or written.
"""

import contextlib
import itertools
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_SMALL_BYTES: Final = 1024
_NUMBERS: Final = itertools.count(1)


_PIECE_BYTES: Final = 8 * 1024**2


class Content:
    """As much of a binary file as moto's S3 uses: it seeks to the start, and writes it whole.

    Args:
        folder: of the files; made when the first is written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{next(_NUMBERS)}"
        self._small = b""
        self._in_file = False
        self._at = 0
        self._remove = weakref.finalize(self, _removed, self._path)

    def seek(self, at: int) -> int:
        """Go on reading or writing at a byte."""
        self._at = at
        return at

    def truncate(self) -> int:
        """Forget what stands from here on."""
        if self._in_file:
            os.truncate(self._path, self._at)
        self._small = self._small[: self._at]
        return self._at

    def write(self, part: "bytes | bytearray | memoryview | Joined") -> int:
        """Write here, over what stands here."""
        if isinstance(part, Joined):
            return sum(self.write(piece) for piece in part.pieces())
        if not part:
            return 0
        if not self._in_file and self._at + len(part) <= _SMALL_BYTES:
            self._small = (
                self._small[: self._at].ljust(self._at, b"\0")
                + bytes(part)
                + self._small[self._at + len(part) :]
            )
        else:
            self._write_to_file(part)
        self._at += len(part)
        return len(part)

    def read(self, size: int = -1) -> bytes:
        """Return what stands here, to the end or so many bytes of it."""
        if self._in_file:
            with self._path.open("rb") as file:
                file.seek(self._at)
                part = file.read(size)
        else:
            end = len(self._small) if size < 0 else self._at + size
            part = self._small[self._at : end]
        self._at += len(part)
        return part

    def beside(self) -> "Joined":
        """Return an empty one to join pieces in, in the same folder."""
        return Joined(Content(self._path.parent))

    def close(self) -> None:
        """Remove the file."""
        self._remove()

    def _write_to_file(self, part: bytes | bytearray | memoryview) -> None:
        if not self._in_file:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(self._small)
            self._in_file, self._small = True, b""
        with self._path.open("r+b") as file:
            file.seek(self._at)
            file.write(part)


def _removed(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


class Joined:
    """What several pieces hold one after the other, in a file of its own.

    Args:
        content: takes the pieces.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, piece: bytes) -> None:
        """Put one more at the end."""
        self._size += self._content.write(piece)

    def pieces(self) -> Iterator[bytes]:
        """Yield all, a bounded number of bytes at a time."""
        self._content.seek(0)
        while piece := self._content.read(_PIECE_BYTES):
            yield piece
