"""What `workflow run` shows while it runs: a live table in a terminal, else a line a change."""

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from pocketaws.terminal.plain import plain
from pocketaws.terminal.progress import State

_COLOURS = {"RUNNING": "cyan", "RETRYING": "yellow", "SUCCEEDED": "green", "FAILED": "red"}


class Display(Protocol):
    """Where progress is shown."""

    def note(self, text: str) -> None:
        """Show a line that stays."""

    def show(self, states: Sequence[State]) -> None:
        """Show how the states stand now."""


@contextlib.contextmanager
def display() -> Iterator[Display]:
    """Yield the display that suits standard output."""
    if not sys.stdout.isatty():
        yield _Lines()
        return
    from rich.live import Live

    with Live(refresh_per_second=8) as live:
        yield _Table(live)


def lines() -> Display:
    """Return the display that writes a line a change, also in a terminal."""
    return _Lines()


class _Lines:
    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown: dict[int, str] = {}

    def note(self, text: str) -> None:
        print(f"{time.monotonic() - self._started:6.1f} s  {plain(text)}", flush=True)

    def show(self, states: Sequence[State]) -> None:
        for index, state in enumerate(states):
            if self._shown.get(index) != state.status:
                self._shown[index] = state.status
                self.note(f"{state.name:<38}{state.status}")


class _Table:
    def __init__(self, live: Any) -> None:
        self._live = live

    def note(self, text: str) -> None:
        self._live.console.print(plain(text), style="dim", highlight=False, markup=False)

    def show(self, states: Sequence[State]) -> None:
        from rich.markup import escape
        from rich.table import Table

        table = Table("State", "Status", "Seconds", "Attempts")
        table.columns[2].justify = table.columns[3].justify = "right"
        for state in states:
            status = f"[{_COLOURS[state.status]}]{state.status}"
            seconds = f"{state.seconds:.1f}" if state.seconds else ""
            table.add_row(escape(plain(state.name)), status, seconds, str(state.attempts or ""))
        self._live.update(table)
