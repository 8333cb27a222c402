"""The report as tables, one for each role."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from rich import box
from rich.table import Table

from tests.functional.permissions.report import RUN, Report, Row

LEGEND: Final = """\
needed by: run, the numbers of the entries of needed.toml and needed_pipeline.toml, or
           the schemas of the resource types that CloudFormation deploys
missed: the actions that are denied without the statement, and on how many resources"""


def tables(report: Report) -> Iterator[Table]:
    """Yield a table for each role."""
    for (template, role), rows in groupby(report.rows, lambda row: (row.template, row.role)):
        table = Table(box=box.SIMPLE, title=f"{template} {role}", title_justify="left")
        for heading in ("statement", "needed by", "missed", "granted without need"):
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(row.sid, _needed_by(row), _missed(row), "\n".join(row.unused) or "-")
        yield table


def _needed_by(row: Row) -> str:
    numbers = sorted((by for by in row.needed_by if by != RUN), key=lambda by: (len(by), by))
    return ", ".join([*([RUN] if RUN in row.needed_by else []), *numbers]) or "-"


def _missed(row: Row) -> str:
    actions = Counter(text.partition(" ")[0] for text in row.missed)
    lines = (name if times == 1 else f"{name}, {times}" for name, times in actions.items())
    return "\n".join(sorted(lines)) or "-"
