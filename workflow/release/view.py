"""The stage view: a live table in a terminal, else a line a change."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

from pocketaws import LiveTable, plain
from workflow.release.execution import IN_PROGRESS, NOT_RUN, Row, View

_COLOURS: Final = {NOT_RUN: "dim", IN_PROGRESS: "cyan", "Succeeded": "green", "Failed": "red"}
_LONGEST_SAID: Final = 160
_WIDTH: Final = 140


@contextlib.contextmanager
def stage_view() -> Iterator[View]:
    """Yield the view that suits standard output."""
    if not sys.stdout.isatty():
        yield Lines()
        return
    live = LiveTable()
    try:
        yield _Table(live)
    finally:
        live.end()


class Lines:
    """A line for each change of an action's status, and one for each of its words."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown: dict[tuple[str, str], tuple[str, str]] = {}

    def note(self, text: str) -> None:
        """Show a line that stays."""
        print(f"{time.monotonic() - self._started:6.1f} s  {plain(text)}", flush=True)

    def ask(self, text: str) -> None:
        """Show a question."""
        self.note(text)

    def show(self, rows: list[Row]) -> None:
        """Show what has changed."""
        for row in rows:
            key, now = (row.stage, row.action), (row.status, row.said)
            if row.status != NOT_RUN and self._shown.get(key) != now:
                self._shown[key] = now
                self.note(f"{row.stage:<11}{row.action:<23}{row.status:<11} {_short(row.said)}")


class _Table:
    def __init__(self, live: LiveTable) -> None:
        self._live = live
        self.note = live.note
        self.ask = live.ask

    def show(self, rows: list[Row]) -> None:
        self._live.draw(table_of(rows))


def table_of(rows: list[Row], **more: Any) -> Any:
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


def table_text(rows: list[Row]) -> str:
    """Return the stage view as plain text, to end the lines with."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console

    console = Console(width=_WIDTH, no_color=True, highlight=False)
    with console.capture() as capture:
        console.print(table_of(rows, box=SIMPLE_HEAD))
    return "\n".join(line.rstrip() for line in capture.get().splitlines())
