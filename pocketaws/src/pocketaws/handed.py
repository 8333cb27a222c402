"""Files that change hands without their bytes going through this process.

A file that nobody writes to any more gets a second name; of any other a clone is made where the
file system has them (https://man7.org/linux/man-pages/man2/ioctl_ficlone.2.html), else a copy, by
the kernel.
"""

import fcntl
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from botocore.response import StreamingBody

# Of the kernel's linux/fs.h.
_FICLONE: Final = 0x40049409
# Where the environment of a request has what its body holds, in place of the body.
BODY_KEY: Final = "pocketaws.body"
_PIECE_BYTES: Final = 8 * 1024**2
_FETCHING: Final[ContextVar[bool]] = ContextVar("fetching", default=False)


@dataclass(frozen=True)
class Handed:
    """What a file holds, for whoever takes it over.

    Attributes:
        path: of the file.
        size: in bytes, of what is taken.
        is_final: whether nobody writes to the file any more.
        spans: where what is taken lies, offsets and sizes; all of the file where it is None.
        keeper: without which the file would go.
    """

    path: Path
    size: int
    is_final: bool = False
    spans: Sequence[tuple[int, int]] | None = None
    keeper: object = None

    def __len__(self) -> int:
        return self.size

    def read(self) -> bytes:
        """Return all of it."""
        with self.path.open("rb") as file:
            spans = [(0, self.size)] if self.spans is None else self.spans
            return b"".join(os.pread(file.fileno(), size, offset) for offset, size in spans)

    def put(self, target: Path) -> None:
        """Have another path hold it, which is not there yet.

        Raises:
            OSError: it cannot be had, or there is no room; nothing is left at the path.
        """
        if self.is_final and self.spans is None:
            link(self.path, target)
            return
        with self.path.open("rb") as source:
            copy(source, target, self.spans)


class HandedFile(io.FileIO):
    """A file as the body of PutObject, which the emulated S3 may take as it is.

    Args:
        path: of the file.
        is_final: whether nobody writes to the file any more.
    """

    def __init__(self, path: Path, *, is_final: bool) -> None:
        super().__init__(path, "rb")
        self.handed = Handed(path, os.fstat(self.fileno()).st_size, is_final)


class HeldFile(io.FileIO):
    """What an object holds, open: it stays what it is, whatever becomes of the object.

    Args:
        path: of the file, which nobody writes to.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._path = path

    def put(self, target: Path, *, only_read: bool) -> None:
        """Have another path hold it, in place of what is there.

        Args:
            target: in a folder that is there.
            only_read: whether nobody will write to that path.

        Raises:
            OSError: there is no room, or the path cannot be had.
        """
        target.unlink(missing_ok=True)
        if only_read:
            with suppress(OSError):
                os.link(self._path, target)
                return
        copy(self, target)


class HeldBody(StreamingBody):  # type: ignore[misc]
    """The body of an answer to GetObject that a file holds, or a few bytes do."""

    def put(self, target: Path, *, only_read: bool) -> bool:
        """Have a path hold it, as HeldFile does; False where it has to be read and written."""
        if not isinstance(self._raw_stream, HeldFile):
            return False
        self._raw_stream.put(target, only_read=only_read)
        return True


@contextmanager
def fetching() -> Iterator[None]:
    """Have what is got of S3, in this context, be given as files."""
    token = _FETCHING.set(True)
    try:
        yield
    finally:
        _FETCHING.reset(token)


def is_fetching() -> bool:
    """Tell whether what is got shall be given as files."""
    return _FETCHING.get()


def link(source: Path, target: Path) -> None:
    """Give a file another name, or make a copy where somebody may still write to it.

    Raises:
        OSError: it cannot be had; nothing is left at the target.
    """
    with source.open("rb") as file:
        # Other names lead others to it. A symbolic link is not the file.
        if os.fstat(file.fileno()).st_nlink == 1 and not source.is_symlink() and _is_still(file):
            with suppress(OSError):
                os.link(source, target)
                return
        copy(file, target)


def _is_still(file: IO[bytes]) -> bool:
    """Tell whether no process has a file open for writing.

    The kernel gives no lease for reading of such a file:
    https://man7.org/linux/man-pages/man2/F_GETLEASE.2const.html
    """
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except (AttributeError, OSError):
        return False
    return True


def copy(
    source: IO[bytes] | io.FileIO, target: Path, spans: Sequence[tuple[int, int]] | None = None
) -> None:
    """Write what a file holds, or some of it, to a path that is not there yet.

    Raises:
        OSError: there is no room; nothing is left at the target.
    """
    try:
        with target.open("xb") as file:
            if spans is None and _cloned(source, file):
                return
            for offset, size in spans or [(0, os.fstat(source.fileno()).st_size)]:
                _carry(source.fileno(), file.fileno(), offset, size)
    except FileExistsError:
        raise
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _cloned(source: IO[bytes] | io.FileIO, target: IO[bytes]) -> bool:
    try:
        fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
    except OSError:
        return False
    return True


def _carry(source: int, target: int, offset: int, size: int) -> None:
    """Append a span of one file to another; what the first lacks is left out."""
    end = offset + size
    while offset < end:
        try:
            carried = os.copy_file_range(source, target, end - offset, offset)
        except (AttributeError, OSError):
            # Not every system has it, nor every pair of file systems.
            piece = os.pread(source, min(end - offset, _PIECE_BYTES), offset)
            carried = os.write(target, piece) if piece else 0
        if not carried:
            return
        offset += carried
