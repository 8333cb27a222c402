"""Plain lines of many kinds of columns, a block at once: as `clean_lines.py`, faster, with NumPy.

A block is an array of bytes, a column where its cells begin and end. A column that is encoded is
looked up. A number that is copied is looked up by its form, in which every digit is a 1. So no cell
takes a step in Python, and a row only one. A line that is not plain, such as one with quotes, is
left to others, as in `clean_lines.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from clean_lines import LAYOUT, WRONG, Encodings, Layout, Lines, Span, match_lines, with_nan
from numpy.typing import NDArray
from rows import FEATURES, FIRST_CELLS, LABEL_CELLS, LABELLED, MAX_ROW_BYTES
from splitting import Way
from text_tables import MAX_TEXT, UNKNOWN, WORD, Places, Table, rows_of

FEW_LINES = 100  # Of which arrays are no gain.
MAX_NUMBER = 4 * WORD  # Bytes of a number that is copied.
CELLS = LABEL_CELLS + len(FEATURES)  # Of an encoded row.
DIGITS_ALIKE = bytes.maketrans(b"023456789", b"1" * 9)
COMMA, NEWLINE, RETURN, QUOTE, ZERO, SPACE, LAST_PLAIN, LAST_OF_NAN = b',\n\r"0 ~n'


class Cells(NamedTuple):
    """Where the cells of some lines stand in a text.

    Attributes:
        lines: their numbers among all, from 0.
        begins: the first byte of each cell, in a row for each column.
        ends: the byte behind it.
    """

    lines: Places
    begins: Places
    ends: Places

    def of(self, kept: Places) -> Cells:
        """Return those of some of the lines."""
        return Cells(self.lines[kept], self.begins[:, kept], self.ends[:, kept])


def find_cells(text: bytes, columns: int) -> Cells:
    """Find the cells of every line that has one for each column, all of them in plain ASCII.

    Args:
        text: whole lines, each with its newline.
        columns: how many there are.
    """
    flat = np.frombuffer(text, np.uint8)
    special = np.flatnonzero((flat < SPACE) | (flat > LAST_PLAIN) | (flat == QUOTE))
    is_newline = flat[special] == NEWLINE
    newlines, others = special[is_newline], special[~is_newline]
    others = others[(flat[others] != RETURN) | (flat[others + 1] != NEWLINE)]
    ends = np.flatnonzero((flat == COMMA) | (flat == NEWLINE))
    last = np.flatnonzero(flat[ends] == NEWLINE)
    is_plain = np.diff(last, prepend=-1) == columns
    is_plain &= np.diff(newlines, prepend=-1) <= MAX_ROW_BYTES
    is_plain[np.searchsorted(newlines, others)] = False
    lines = np.flatnonzero(is_plain)
    if len(lines) < len(last):
        ends = ends[last[lines, None] + np.arange(1 - columns, 1)]
    ends = np.ascontiguousarray(ends.reshape(-1, columns).T)
    begins = np.empty_like(ends)
    begins[1:] = ends[:-1] + 1
    begins[0] = np.concatenate([[0], newlines[:-1] + 1])[lines]
    ends[-1] -= flat[ends[-1] - 1] == RETURN
    return Cells(lines, begins, ends)


class Part(NamedTuple):
    """What a piece of an encoded row is made of, and the table of what it becomes if not copied."""

    span: Span
    table: Table | None


class Arrays:
    """The tables of a layout, which fill as blocks are encoded."""

    def __init__(self, layout: Layout) -> None:
        self.is_closed = layout.is_closed
        self.parts = [part_of(layout, *piece) for piece in layout.pieces]
        self.keys = [part_of(layout, *layout.key)] if layout.key else []
        copied = [part.span for part in self.parts if part.table is None]
        columns = [column for span in copied for column in range(span.first, span.last + 1)]
        self.forms = {at: Table(partial(form_of, number_of(at)), MAX_NUMBER) for at in columns}
        self.without_zero = [at for at in columns if not number_of(at).fullmatch(b"01")]

    def match(self, text: bytes) -> Lines:
        """Encode the plain lines of a text, as `clean_lines.match_lines` does."""
        cells = find_cells(text, len(LABELLED))
        if not len(cells.lines):
            return match_lines(text)
        longest = int((cells.ends[-1] - cells.begins[0]).max())
        padded = text + bytes(max(MAX_TEXT, longest))
        found = [
            part.table.look_up(padded, cells.begins[part.span.first], cells.ends[part.span.last])
            for part in (*self.parts, *self.keys)
            if part.table
        ]
        wrong = self.wrong_numbers(padded, cells)
        for places in found:
            wrong |= places == UNKNOWN
        if wrong.any():
            kept = np.flatnonzero(~wrong)
            cells, found = cells.of(kept), [places[kept] for places in found]
        keys = [part.table.texts_at(found.pop()) for part in self.keys if part.table]
        rows = self.rows_of(padded, cells, found)
        return spread(text, cells.lines, rows, keys[0] if keys else None)

    def wrong_numbers(self, padded: bytes, cells: Cells) -> NDArray[np.bool_]:
        """Tell of each line whether it has a number that cannot be copied."""
        forms = padded.translate(DIGITS_ALIKE)
        flat = np.frombuffer(padded, np.uint8)
        wrong = np.zeros(len(cells.lines), np.bool_)
        for at, table in self.forms.items():
            wrong |= table.look_up(forms, cells.begins[at], cells.ends[at]) == UNKNOWN
        for at in self.without_zero:
            wrong |= flat[cells.begins[at]] == ZERO
        return wrong

    def rows_of(self, padded: bytes, cells: Cells, found: Sequence[Places]) -> list[bytes]:
        """Put the encoded rows of lines together."""
        if not len(cells.lines):
            return []
        looked_up = iter(found)
        pieces = []
        for span, table in self.parts:
            if table:
                pieces.append(table.rows_at(next(looked_up)))
            elif span.text:
                text = np.frombuffer(span.text, np.uint8)
                pieces.append(np.broadcast_to(text, (len(cells.lines), len(text))))
            else:
                begins = cells.begins[span.first] - span.has_comma
                pieces.append(rows_of(padded, begins, cells.ends[span.last] - begins))
        whole = np.concatenate(pieces, axis=1).tobytes().translate(None, b"\0")
        rows = whole.splitlines(keepends=True)
        return rows if self.is_closed else with_nan(rows)


def part_of(layout: Layout, group: int, encodings: Encodings | None) -> Part:
    """Return what a group becomes."""
    table = None if encodings is None else Table(partial(text_of, encodings))
    return Part(layout.spans[group], table)


def text_of(encodings: Encodings, text: bytes) -> bytes | None:
    """Return what stands for a text; None where it is no value."""
    encoded = encodings[text]
    return None if WRONG in encoded else encoded


def number_of(column: int) -> re.Pattern[bytes]:
    """Match what may be copied of a column."""
    return re.compile(LABELLED[column].pattern.encode())


def form_of(number: re.Pattern[bytes], form: bytes) -> bytes | None:
    """Tell whether the numbers of a form may be copied; None if not."""
    return form if number.fullmatch(form) else None


def spread(text: bytes, lines: Places, rows: list[bytes], keys: list[bytes] | None) -> Lines:
    """Put what became of some of a text's lines in their places among all."""
    count = text.count(b"\n")
    if len(rows) == count:
        return Lines(rows, [b""] * count, keys)
    others = text.split(b"\n")[:-1]
    all_rows = [b""] * count
    all_keys = None if keys is None else [b""] * count
    for at, row in enumerate(lines.tolist()):
        others[row], all_rows[row] = b"", rows[at]
        if all_keys is not None and keys is not None:
            all_keys[row] = keys[at]
    return Lines(all_rows, others, all_keys)


ARRAYS = Arrays(LAYOUT)


def match_arrays(text: bytes) -> Lines:
    """Encode the plain lines of a text, as `clean_lines.match_lines` does."""
    return ARRAYS.match(text) if text.count(b"\n") > FEW_LINES else match_lines(text)


def count_missing(rows: Sequence[bytes]) -> Counter[str]:
    """Count the encoded rows without a value of each column, as `splitting.count_missing` does."""
    text = b"".join(rows)
    flat = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero((flat == COMMA) | (flat == NEWLINE))
    empty = np.flatnonzero(ends[1:] == ends[:-1] + 1) + 1
    counts = np.bincount(empty % CELLS, minlength=CELLS).tolist()
    # Where the last one is empty it is nan, see `rows.joined`.
    counts[-1] = int((flat[ends[CELLS - 1 :: CELLS] - 1] == LAST_OF_NAN).sum())
    return +Counter({name: counts[at] for name, at in FIRST_CELLS.items()})


BY_ARRAY = Way(match_arrays, count_missing)
