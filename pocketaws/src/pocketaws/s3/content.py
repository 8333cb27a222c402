"""What one object holds: in memory where it is small, else in a file that no descriptor keeps open.

An account has thousands of objects, most of which nobody reads again: the models and tables of
executions that are over. Each is a file of its own, opened for as long as it is read or written.
A file that has been handed over, here or from here, may have other names; it is never written to
again, and what is written next gets another file.
"""

import contextlib
import io
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pocketaws.copies import copy
from pocketaws.digests import Digest, md5_of
from pocketaws.handed import Handed, HeldFile

_SMALL_BYTES: Final = 1024
_PIECE_BYTES: Final = 8 * 1024**2
_NUMBERS: Final = itertools.count(1)


class Content:
    """As much of a binary file as moto's S3 uses: it seeks to the start, and writes it whole.

    Args:
        folder: of the files; made when the first is written.
    """

    __slots__ = (
        *(
            "__weakref__",
            "_at",
            "_digest",
            "_folder",
            "_in_file",
            "_is_shared",
            "_number",
            "_small",
        ),
    )

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = next(_NUMBERS)
        self._small = b""
        self._in_file = False
        self._is_shared = False
        self._digest: Digest | None = None
        self._at = 0

    def __del__(self) -> None:
        """Remove the file with the last that holds it."""
        self.close()

    @property
    def _path(self) -> Path:
        # A path of its own takes more room than all else here.
        return self._folder / str(self._number)

    def seek(self, at: int) -> int:
        """Go on reading or writing at a byte."""
        self._at = at
        return at

    def truncate(self) -> int:
        """Forget what stands from here on."""
        self._digest = None
        if self._in_file:
            self._own()
            os.truncate(self._path, self._at)
        self._small = self._small[: self._at]
        return self._at

    def write(self, part: "bytes | bytearray | memoryview | Handed") -> int:
        """Write here, over what stands here; a file that is handed over is all that stands."""
        self._digest = None
        if isinstance(part, Handed):
            return self._take(part)
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

    def open(self) -> io.BytesIO | HeldFile:
        """Return a file of what stands here now, which later writing does not change."""
        if not self._in_file:
            return io.BytesIO(self._small)
        self._is_shared = True
        return HeldFile(self._path)

    def handed(self) -> Handed | bytes:
        """Return what stands here, for another object to hold it as well, and soon."""
        if not self._in_file:
            return self._small
        self._is_shared = True
        return Handed(self._path, self._path.stat().st_size, is_final=True, keeper=self)

    def begin_md5(self) -> None:
        """Have the digest made of what stands here now, in a thread, if nobody has yet."""
        if self._in_file and self._digest is None:
            self._digest = Digest(self._path)
            self._digest.begin()

    def md5(self) -> str:
        """Return the digest of what stands here, hexadecimal; it may have been begun."""
        if self._digest is not None:
            return self._digest.hexdigest()
        with self.open() as file:
            return md5_of(file)

    def pieces(self) -> Iterator[bytes]:
        """Yield all, a bounded number of bytes at a time."""
        with self.open() as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece

    def beside(self) -> "Joined":
        """Return an empty one to join pieces in, in the same folder."""
        return Joined(Content(self._path.parent))

    def close(self) -> None:
        """Remove the file."""
        with contextlib.suppress(OSError, AttributeError):
            self._path.unlink()

    def _take(self, handed: Handed) -> int:
        self._small, self._at, self._in_file = b"", 0, False
        self._path.unlink(missing_ok=True)
        if handed.size <= _SMALL_BYTES:
            return self.write(handed.read())
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handed.put(self._path)
        self._in_file = self._is_shared = True
        self._digest = handed.digest
        self._at = handed.size
        return handed.size

    def _own(self) -> None:
        """Go on in a file of its own where this one may have other names or readers."""
        if self._is_shared:
            beside = self._path.with_suffix(".own")
            with self._path.open("rb") as file:
                copy(file, beside)
            beside.replace(self._path)
            self._is_shared = False

    def _write_to_file(self, part: bytes | bytearray | memoryview) -> None:
        if not self._in_file:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(self._small)
            self._in_file, self._small = True, b""
        self._own()
        with self._path.open("r+b") as file:
            file.seek(self._at)
            file.write(part)


class Joined:
    """What several objects hold one after the other, in a file of its own.

    Args:
        content: takes them.
    """

    def __init__(self, content: Content) -> None:
        self._content = content

    def add(self, part: Content) -> None:
        """Put one more at the end."""
        for piece in part.pieces():
            self._content.write(piece)

    def handed(self) -> Handed | bytes:
        """Return all, for one object to hold; nothing may be added any more."""
        return self._content.handed()
