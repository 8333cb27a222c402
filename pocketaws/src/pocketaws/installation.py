"""What a process runs: the emulator's own files, and the packages beside it."""

import functools
import hashlib
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_DIR: Final = Path(__file__).parent
_CHARACTERS: Final = 16
_PACKAGES: Final = ".dist-info"


@functools.cache
def installation_digest() -> str:
    """Return what is the same for two processes that run the same emulator, and for no others.

    It is made of names, sizes and times of change, not of contents: it takes milliseconds.
    """
    packages = sorted(
        path.name
        for path in Path(sysconfig.get_path("purelib")).iterdir()
        if path.name.endswith(_PACKAGES)
    )
    told = [sys.version, sys.prefix, *packages, *_files(_DIR)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:_CHARACTERS]


def _files(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                yield from _files(Path(entry.path))
            elif not entry.name.endswith(".pyc"):
                status = entry.stat()
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"
