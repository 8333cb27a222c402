"""Files without a name, for what is too much for memory: they are in no listing of their folder."""

from __future__ import annotations

import tempfile
import weakref
from pathlib import Path
from typing import IO


def unnamed_file(folder: Path, owner: object) -> IO[bytes]:
    """Open an empty file in a folder, to be written and read until its owner goes."""
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # The owner outlives this block.
    weakref.finalize(owner, file.close)
    return file
