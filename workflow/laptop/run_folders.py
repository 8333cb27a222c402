"""The folders of runs on this machine, and the records in them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workflow.errors import WorkflowError
from workflow.laptop import run_index
from workflow.report.record_form import MARK_NAME, RECORD_NAME
from workflow.report.rows import UNFINISHED, RunRow, row_of_file

if TYPE_CHECKING:
    from workflow.report.record import Record


class Listed(NamedTuple):
    """The runs in a folder, the newest first, and why others are not among them."""

    rows: list[RunRow]
    left_out: list[str]


def listed(output_dir: Path) -> Listed:
    """Return the runs whose folders stand in one; none where it is not there.

    What was read of their records is kept in the folder.
    """
    kept, now = run_index.read(output_dir), run_index.Kept()
    unfinished, left_out = [], []
    for name, folder in _folders(output_dir):
        path = f"{folder}/{RECORD_NAME}"
        try:
            identity = run_index.identity_of(path)
            known, row = kept.get(name, (None, None))
            if row is None or known != identity:
                with Path(path).open(encoding="utf-8") as file:
                    row = row_of_file(file)
            now[name] = identity, row
        except FileNotFoundError:
            if Path(folder, MARK_NAME).exists():
                unfinished.append(RunRow(name, None, UNFINISHED))
            else:
                left_out.append(f"{folder} has no {RECORD_NAME}")
        except (OSError, ValueError) as error:
            left_out.append(f"{path} cannot be read: {error}")
    if now != kept:
        run_index.write(output_dir, now)
    rows = [*unfinished, *(row for _, row in now.values())]
    return Listed(sorted(rows, key=_newest_first, reverse=True), left_out)


def read_record(folder: Path) -> "Record":
    """Return the record of a run's folder.

    Raises:
        WorkflowError: there is none, or it cannot be read.
    """
    from workflow.report.record import from_json

    path = folder / RECORD_NAME
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise WorkflowError(
            f"{path}: cannot be read: there is no such run; `workflow runs` lists those that are"
        ) from error
    except (OSError, ValueError) as error:
        raise WorkflowError(f"{path}: cannot be read: {error}") from error


def has_record(folder: Path) -> bool:
    """Tell whether a folder is that of a run that has ended."""
    return (folder / RECORD_NAME).is_file()


def _folders(output_dir: Path) -> Iterator[tuple[str, str]]:
    if output_dir.is_dir():
        with os.scandir(output_dir) as entries:
            yield from ((entry.name, entry.path) for entry in entries if entry.is_dir())


def _newest_first(row: RunRow) -> tuple[bool, str, str]:
    return row.started_at is None, row.started_at or "", row.name
