"""What `workflow run` shows while it runs: a live table in a terminal, else a line a change."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from pocketaws.terminal.plain import plain
from pocketaws.terminal.progress import State
from pocketaws.terminal.screens import Screen, TimedLines, screen

_COLOURS = {"RUNNING": "cyan", "RETRYING": "yellow", "SUCCEEDED": "green", "FAILED": "red"}

Display: TypeAlias = Screen[State]


def display() -> contextlib.AbstractContextManager[Display]:
    """Return, as a context, the display that suits standard output."""
    return screen(_lines, _table)


def lines() -> Display:
    """Return the display that writes a line a change, also in a terminal."""
    return TimedLines(_lines)


def _lines(states: Sequence[State]) -> Iterator[tuple[int, str, str]]:
    for index, state in enumerate(states):
        yield index, state.status, f"{state.name:<38}{state.status}"


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
