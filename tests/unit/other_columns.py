"""The job scripts with other columns than the abalone's."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.unit.modules import PROJECT_DIR, load


def jobs_of(folder: Path, columns: str, label: str = "y") -> SimpleNamespace:
    """Load a copy of the job scripts with other columns."""
    copy_jobs(folder, columns, f"LABEL = {label!r}")
    return load("jobs", parent=folder)


def copy_jobs(folder: Path, columns: str, settings: str) -> None:
    """Copy the job scripts, with other columns and what else `columns.py` is to say."""
    shutil.copytree(PROJECT_DIR / "jobs", folder / "jobs", dirs_exist_ok=True)
    (folder / "jobs" / "columns.py").write_text(
        f"from kinds import *\n{settings}\nCOLUMNS = ({columns},)\n"
    )


def both_ways(jobs: SimpleNamespace, text: bytes) -> tuple[list[Any], list[Any]]:
    """Encode a text by the pattern, and line by line; a row's reason stands for a bad one."""

    def careful(line: bytes) -> Any:
        try:
            return jobs.rows.encode_row(line)
        except jobs.kinds.RowError as error:
            return str(error)

    found = jobs.clean_lines.encode_lines(text)
    fast = [row or careful(line) for row, line in zip(found.rows, found.others, strict=True)]
    return fast, [careful(line) for line in text.split(b"\n")[:-1]]
