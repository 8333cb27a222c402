"""The stage view: a live table in a terminal, else a line a change."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pocketaws import TimedLines, screen
from workflow.release.execution import IN_PROGRESS, NOT_RUN, ActionRow, View

_COLOURS: Final = {NOT_RUN: "dim", IN_PROGRESS: "cyan", "Succeeded": "green", "Failed": "red"}
_LONGEST_SAID: Final = 160
_WIDTH: Final = 140


def stage_view() -> contextlib.AbstractContextManager[View]:
    """Return, as a context, the view that suits standard output."""
    return screen(_lines, table_of)


def lines() -> View:
    """Return the view that writes a line for each change of an action's status and words."""
    return TimedLines(_lines)


def _lines(rows: Sequence[ActionRow]) -> Iterator[tuple[tuple[str, str], tuple[str, str], str]]:
    for row in rows:
        if row.status != NOT_RUN:
            line = f"{row.stage:<11}{row.action:<23}{row.status:<11} {_short(row.said)}"
            yield (row.stage, row.action), (row.status, row.said), line


def table_of(rows: Sequence[ActionRow], **more: Any) -> Any:
    """Return the stage view as a table of rich's; `more` says how it is drawn."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("Stage", "Action", "Status", "Seconds", "Said", **more)
    table.columns[3].justify = "right"
    stage = ""
    for row in rows:
        if stage and row.stage != stage:
            table.add_section()
        seconds = f"{row.seconds:.1f}" if row.seconds else ""
        status = f"[{_COLOURS[row.status]}]{row.status}"
        shown = row.stage if row.stage != stage else ""
        table.add_row(shown, row.action, status, seconds, escape(_short(row.said)))
        stage = row.stage
    return table


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SAID else f"{line[:_LONGEST_SAID]}…"


def table_text(rows: Sequence[ActionRow]) -> str:
    """Return the stage view as plain text, to end the lines with."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console

    console = Console(width=_WIDTH, no_color=True, highlight=False)
    with console.capture() as capture:
        console.print(table_of(rows, box=SIMPLE_HEAD))
    return "\n".join(line.rstrip() for line in capture.get().splitlines())
