"""Copies of files whose bytes do not go through this process.

A clone where the file system has them (https://man7.org/linux/man-pages/man2/ioctl_ficlone.2.html),
else a copy by the kernel; and a second name of a file that nobody writes to.
"""

import fcntl
import io
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

# Of the kernel's linux/fs.h.
_FICLONE: Final = 0x40049409
_PIECE_BYTES: Final = 8 * 1024**2


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
