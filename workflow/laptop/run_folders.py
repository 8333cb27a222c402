"""The folders of runs on this machine, and the records in them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from workflow.errors import WorkflowError
from workflow.laptop.held import MARK_NAME
from workflow.laptop.run_record import RECORD_NAME
from workflow.report.record import Record, from_json
from workflow.report.rows import UNFINISHED, RunRow, row_of_file


class Listed(NamedTuple):
    """The runs in a folder, the newest first, and why others are not among them."""

    rows: list[RunRow]
    left_out: list[str]


def listed(output_dir: Path) -> Listed:
    """Return the runs whose folders stand in one; none where it is not there."""
    rows, left_out = [], []
    for folder in _folders(output_dir):
        path = folder / RECORD_NAME
        try:
            with path.open(encoding="utf-8") as file:
                rows.append(row_of_file(file))
        except FileNotFoundError:
            if (folder / MARK_NAME).exists():
                rows.append(RunRow(folder.name, None, UNFINISHED))
            else:
                left_out.append(f"{folder} has no {RECORD_NAME}")
        except (OSError, ValueError) as error:
            left_out.append(f"{path} cannot be read: {error}")
    return Listed(sorted(rows, key=_newest_first, reverse=True), left_out)


def read_record(folder: Path) -> Record:
    """Return the record of a run's folder.

    Raises:
        WorkflowError: there is none, or it cannot be read.
    """
    path = folder / RECORD_NAME
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise WorkflowError(f"{path}: cannot be read: {error}") from error


def has_record(folder: Path) -> bool:
    """Tell whether a folder is that of a run that has ended."""
    return (folder / RECORD_NAME).is_file()


def _folders(output_dir: Path) -> Iterator[Path]:
    if output_dir.is_dir():
        yield from (path for path in output_dir.iterdir() if path.is_dir())


def _newest_first(row: RunRow) -> tuple[bool, str, str]:
    return row.started_at is None, row.started_at or "", row.name
