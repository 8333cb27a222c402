"""What `workflow run` shows while it runs: a live table in a terminal, else a line a change."""

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from pocketaws.terminal.live_table import LiveTable
from pocketaws.terminal.plain import plain
from pocketaws.terminal.progress import State

_COLOURS = {"RUNNING": "cyan", "RETRYING": "yellow", "SUCCEEDED": "green", "FAILED": "red"}


class Display(Protocol):
    """Where progress is shown."""

    def note(self, text: str) -> None:
        """Show a line that stays."""

    def ask(self, text: str) -> None:
        """Show a question below everything that was shown before, for an answer to be typed."""

    def show(self, states: Sequence[State]) -> None:
        """Show how the states stand now."""


@contextlib.contextmanager
def display() -> Iterator[Display]:
    """Yield the display that suits standard output."""
    if not sys.stdout.isatty():
        yield _Lines()
        return
    live = LiveTable()
    try:
        yield Table(live)
    finally:
        live.end()


def lines() -> Display:
    """Return the display that writes a line a change, also in a terminal."""
    return _Lines()


class _Lines:
    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown: dict[int, str] = {}

    def note(self, text: str) -> None:
        print(f"{time.monotonic() - self._started:6.1f} s  {plain(text)}", flush=True)

    def ask(self, text: str) -> None:
        self.note(text)

    def show(self, states: Sequence[State]) -> None:
        for index, state in enumerate(states):
            if self._shown.get(index) != state.status:
                self._shown[index] = state.status
                self.note(f"{state.name:<38}{state.status}")


class Table:
    """The states as a live table."""

    def __init__(self, live: LiveTable) -> None:
        self._live = live
        self.note = live.note
        self.ask = live.ask

    def show(self, states: Sequence[State]) -> None:
        """Show how the states stand now."""
        self._live.draw(_table(states))


def _table(states: Sequence[State]) -> Any:
    from rich import table
    from rich.markup import escape

    drawn = table.Table("State", "Status", "Seconds", "Attempts")
    drawn.columns[2].justify = drawn.columns[3].justify = "right"
    for state in states:
        status = f"[{_COLOURS[state.status]}]{state.status}"
        seconds = f"{state.seconds:.1f}" if state.seconds else ""
        drawn.add_row(escape(plain(state.name)), status, seconds, str(state.attempts or ""))
    return drawn
