"""A screen in one of two forms: a live table in a terminal, else a line a change."""

import contextlib
import sys
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from pocketaws.terminal.live_table import LiveTable
from pocketaws.terminal.plain import plain

Row = TypeVar("Row")
Shown_contra = TypeVar("Shown_contra", contravariant=True)

# Yields, of the rows that are worth a line, what identifies each, how it stands, and the line.
Told = Callable[[Sequence[Row]], Iterable[tuple[Hashable, Hashable, str]]]


class Screen(Protocol[Shown_contra]):
    """Where rows are shown, as they change."""

    def note(self, text: str) -> None:
        """Show a line that stays."""

    def ask(self, text: str) -> None:
        """Show a question below everything that was shown before, for an answer to be typed."""

    def show(self, rows: Sequence[Shown_contra]) -> None:
        """Show how the rows stand now."""


class TimedLines(Generic[Row]):
    """A line for each change, behind the seconds since the first.

    Args:
        told: yields what there is to say of rows.
    """

    def __init__(self, told: Told[Row]) -> None:
        self._told = told
        self._started = time.monotonic()
        self._shown: dict[Hashable, Hashable] = {}

    def note(self, text: str) -> None:
        """Show a line that stays."""
        print(f"{time.monotonic() - self._started:6.1f} s  {plain(text)}", flush=True)

    def ask(self, text: str) -> None:
        """Show a question."""
        self.note(text)

    def show(self, rows: Sequence[Row]) -> None:
        """Show what has changed."""
        for key, state, line in self._told(rows):
            if self._shown.get(key) != state:
                self._shown[key] = state
                self.note(line)


class _Table(Generic[Row]):
    def __init__(self, live: LiveTable, drawn: Callable[[Sequence[Row]], Any]) -> None:
        self._live = live
        self._drawn = drawn
        self.note = live.note
        self.ask = live.ask

    def show(self, rows: Sequence[Row]) -> None:
        self._live.draw(self._drawn(rows))


@contextlib.contextmanager
def screen(told: Told[Row], drawn: Callable[[Sequence[Row]], Any]) -> Iterator[Screen[Row]]:
    """Yield the form that suits standard output.

    Args:
        told: yields what there is to say of rows, in lines.
        drawn: returns rows as a table of rich's.
    """
    if not sys.stdout.isatty():
        yield TimedLines(told)
        return
    live = LiveTable()
    try:
        yield _Table(live, drawn)
    finally:
        live.end()
