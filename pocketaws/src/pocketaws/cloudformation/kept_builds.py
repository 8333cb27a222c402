"""Builds that are kept: what is built of the same, by the same, is the same.

The folder of a build is kept under a key that its sources, the region and the installation make.
Whoever puts a build back holds each bundle against its name, which is the digest of its content.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from pocketaws.processes.warmup import BUNDLES_NAME, DEFINITIONS_NAME, TEMPLATE_NAME

_MOST: Final = 8
_NAMES: Final = (TEMPLATE_NAME, DEFINITIONS_NAME, BUNDLES_NAME)


def put_back(cache: Path, key: str, folder: Path) -> bool:
    """Fill a build folder with the build of a key; return False where none is kept, or not whole.

    Args:
        cache: that keeps builds.
        key: of the build.
        folder: holds no build; what was put into it is removed where the build is not whole.
    """
    kept = cache / key
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        os.utime(kept)
    except OSError:
        is_whole = False
    else:
        bundles = (folder / BUNDLES_NAME).iterdir()
        is_whole = all((folder / name).exists() for name in _NAMES) and all(map(_holds, bundles))
    if not is_whole:
        shutil.rmtree(kept, ignore_errors=True)
        _empty(folder)
    return is_whole


def keep(cache: Path, key: str, folder: Path) -> None:
    """Keep a build, and of all builds the few that were used last; else none is kept."""
    with contextlib.suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="new-", dir=cache))
        try:
            for name in _NAMES:
                copy = shutil.copytree if (folder / name).is_dir() else shutil.copy
                copy(folder / name, made / name)
            made.rename(cache / key)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        for old in sorted(cache.iterdir(), key=lambda path: -path.stat().st_mtime)[_MOST:]:
            shutil.rmtree(old, ignore_errors=True)


def _holds(bundle: Path) -> bool:
    return hashlib.sha256(bundle.read_bytes()).hexdigest() == bundle.stem


def _empty(folder: Path) -> None:
    for name in _NAMES:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).unlink(missing_ok=True)
