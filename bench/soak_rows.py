"""What `make soak` prints: a line for everything that was tried or loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        what: was done.
        times: how often.
        seen: of it, the worst.
        bound: that was to hold.
        held: whether it did.
    """

    what: str
    times: int
    seen: str
    bound: str
    held: bool


def line(row: Row) -> str:
    """Return a row as a line of text, without columns for what does not fit them."""
    held = "held" if row.held else "NOT HELD"
    return f"{row.what:<58}  {row.times:>5}  {held:<8}  {row.seen} (at most {row.bound})"


def all_held(rows: Sequence[Row]) -> bool:
    """Tell whether nothing was otherwise than it was to be."""
    return all(row.held for row in rows)
