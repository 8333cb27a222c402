"""The rows of the runs in a folder, kept beside them so that no run.json is read twice.

It is a help and no source: what it says of a run counts only while the run's record has the time
of change, the size and the file number that it had, and where it cannot be read or written the
records are read.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from workflow.report.rows import RunRow

INDEX_NAME: Final = ".runs.json"
# Raised when a row is made of a record in another way; its fields tell themselves.
_FORM: Final = 1
# Time of change in nanoseconds, bytes, file number.
Identity = tuple[int, int, int]
# By the name of the folder.
Kept = dict[str, tuple[Identity, RunRow]]


def identity_of(path: str) -> Identity:
    """Return what tells a file from the one that is written in its place.

    Raises:
        FileNotFoundError: it is not there.
    """
    found = os.stat(path)  # noqa: PTH116 - a thousand Paths take longer than all else
    return found.st_mtime_ns, found.st_size, found.st_ino


def read(output_dir: Path) -> Kept:
    """Return what is kept; nothing where it cannot be read, or is of another form."""
    try:
        document = json.loads(_path(output_dir).read_text(encoding="utf-8"))
        if document["form"] != _form():
            return {}
        return {
            name: ((time, size, number), RunRow(*values))
            for name, (time, size, number, values) in document["runs"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write(output_dir: Path, kept: Mapping[str, tuple[Identity, RunRow]]) -> None:
    """Keep the rows; where the folder cannot be written to, nothing is kept."""
    from pocketaws import write_whole

    runs = {name: [*identity, list(row)] for name, (identity, row) in kept.items()}
    text = json.dumps({"form": _form(), "runs": runs})
    with contextlib.suppress(OSError):
        write_whole(_path(output_dir), text)


def _path(output_dir: Path) -> Path:
    return output_dir / INDEX_NAME


def _form() -> list[Any]:
    return [_FORM, *RunRow._fields]
