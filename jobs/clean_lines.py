"""Clean lines, which are nearly all, matched by one pattern and joined without a step in Python.

The pattern is made of those of the columns. Each of its matches is one line: the pieces of a clean
row in a group each, or whatever else it is in the last group, which `rows.encode_row` takes. Both
ways give the same text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby, takewhile
from typing import NamedTuple

from kinds import Column, RowError, Rule, Weight
from rows import LABELLED
from table import LABEL, SPLIT

# What a group holds; that of a label or of a column that is not copied has its name instead.
NOTHING, NUMBERS, COMMA, NEWLINE = "", "-", ",", "\n"
MAX_KEPT = 65_536  # Encodings of a column that are kept, so that memory does not grow.
# A quoted cell that needs no quotes.
QUOTED = re.compile(rb'(?<![^,\n])"([^",\r\n]*)"(?![^,\r\n])')
WRONG = b"\0"  # Stands in a row for a text that looked clean and is not.


class Encodings(dict[bytes | None, bytes]):
    """What stands for each text of a column, worked out once; nothing for nothing.

    Args:
        encode: a text; raises `RowError`.
        begin: what stands before each.
        end: what stands after.
    """

    def __init__(self, encode: Callable[[str], str], *, begin: bytes, end: bytes) -> None:
        super().__init__({None: b""})
        self.encode, self.begin, self.end = encode, begin, end
        self.was_wrong = False

    def __missing__(self, text: bytes | None) -> bytes:
        """Encode a text; one that is no value after all becomes `WRONG`."""
        try:
            encoded = self.encode((text or b"").decode().strip()).encode()
        except RowError:
            encoded, self.was_wrong = WRONG, True
        if self.end == b"\n" and (not encoded or encoded.endswith(b",")):
            encoded += b"nan"  # As in `rows.joined`.
        encoded = self.begin + encoded + self.end
        if len(self) < MAX_KEPT:
            self[text] = encoded
        return encoded


class Layout(NamedTuple):
    """The pattern of a line, and the groups that make an encoded row, in its order.

    A piece is a group and what encodes what stands there; None where it is copied. `absent`
    matches a cell that holds one of the texts that are missing in every column, and `is_closed`
    says that the last cell of a row cannot be empty.
    """

    line: re.Pattern[bytes]
    pieces: tuple[tuple[int, Encodings | None], ...]
    absent: re.Pattern[bytes] | None
    is_closed: bool


def layout_of(columns: Sequence[Column], label: str, split: Rule | None = None) -> Layout:
    """Choose the groups: the label, each column that is not copied, and each run of copied ones.

    A weight comes behind the label.

    A run that begins the row lacks the comma before it, so the one after it has a group too; and
    so has the newline where there is no category to bring it. The column that decides the split
    has a group of its own, and its key comes first.
    """
    key_name = split.name if split else ""
    held = [held_of(column, label, key_name) for column in columns]
    groups = [name for name, _ in groupby(held) if name != NOTHING]
    if held[0] == NUMBERS:
        groups.insert(1, COMMA)
    categories = [column.name for column in columns if column.groups]
    if not categories:
        groups.append(NEWLINE)
    weights = [column.name for column in columns if isinstance(column, Weight)]
    rank = {label: 0, **dict.fromkeys(weights, 1), COMMA: 2, NEWLINE: 5}
    rank |= dict.fromkeys(categories, 4)
    own = {column.name: column for column in columns if column.name in held}
    pieces: list[tuple[int, Encodings | None]] = []
    for group in sorted(range(len(groups)), key=lambda group: rank.get(groups[group], 3)):
        column = own.get(groups[group])
        if column is None or (column.name == label and column.is_copied):
            pieces.append((group, None))
        elif column.features or column.name in weights:
            begin = b"" if column.name == label else b","
            end = b"\n" if [column.name] == categories[-1:] else b""
            pieces.append((group, Encodings(column.encode, begin=begin, end=end)))
    if split:
        key = Encodings(partial(split.key, own[key_name]), begin=b"", end=b"\t")
        pieces.insert(0, (groups.index(key_name), key))
    return Layout(
        line=line_pattern(columns, held, has_end=bool(categories)),
        pieces=tuple(pieces),
        absent=absent_pattern([column for column in columns if column.features]),
        is_closed=bool(categories) or not any(column.markers for column in columns),
    )


def held_of(column: Column, label: str, key_name: str) -> str:
    """Return what the group holds that the column's text is in."""
    if column.name in (label, key_name):
        return column.name
    if isinstance(column, Weight):
        return column.name
    if not column.features:
        return NOTHING
    return NUMBERS if column.is_copied else column.name


def line_pattern(
    columns: Sequence[Column], held: Sequence[str], *, has_end: bool
) -> re.Pattern[bytes]:
    """Write the pattern; a run's numbers one by one, as `(...){7}` takes half as long again."""
    commas = ["", *[","] * (len(columns) - 1)]
    if held[0] == NUMBERS:
        commas[len(list(takewhile(NUMBERS.__eq__, held)))] = "(,)"
    clean = ""
    for name, run in groupby(range(len(columns)), key=held.__getitem__):
        opened, closed = ("(", ")") if name not in (NOTHING, NUMBERS) else ("", "")
        text = "".join(commas[index] + opened + columns[index].pattern + closed for index in run)
        clean += f"({text})" if name == NUMBERS else text
    end = r"\r?|(.*))\n" if has_end else r"\r?(\n)|(.*)\n)"
    return re.compile(f"(?:{clean}{end}".encode())


def absent_pattern(columns: Sequence[Column]) -> re.Pattern[bytes] | None:
    """Match a cell with a text that every column takes for a missing value; None for no text."""
    every = frozenset[str]().union(*(column.markers for column in columns)) - {""}
    common = [
        re.escape(text)
        for text in sorted(every, key=lambda text: -len(text))
        if all(may_be_emptied(column, text) for column in columns)
    ]
    if not common:
        return None
    return re.compile(rf"(?<![^,\n]) *(?i:{'|'.join(common)}) *(?![^,\r\n])".encode())


def may_be_emptied(column: Column, text: str) -> bool:
    """Tell whether the text is as good as none; a column that requires a value takes neither."""
    return not column.has(text) and (column.required or text in column.markers)


LAYOUT = layout_of(LABELLED, LABEL, SPLIT)


def encode_lines(
    text: bytes, order: Sequence[int] | None = None, layout: Layout = LAYOUT
) -> Iterable[tuple[bytes, bytes]]:
    """Encode every clean line of a text.

    Args:
        text: Whole lines, each with its newline.
        order: As for `rows.encode_row`; the pattern knows only the usual one.
        layout: The pattern.

    Returns:
        For a clean line the encoded row and nothing. For any other line, and in another order for
        every one, nothing and the line without its newline.
    """
    if order is not None:
        return [(b"", line) for line in text.split(b"\n")[:-1]]
    rows, others = match_lines(text, layout)
    left = [line for line in others if line]
    if left:
        cleaner = cleaned(b"\n".join([*left, b""]), layout)
        again = iter(match_lines(cleaner, layout)[0] if cleaner else ())
        rows = [next(again, b"") if other else row for row, other in zip(rows, others, strict=True)]
    return zip(rows, others, strict=True)


def match_lines(text: bytes, layout: Layout) -> tuple[list[bytes], list[bytes]]:
    """Return the encoded row of each line, and the line where it is not clean; nothing else."""
    *groups, others = groups_of(text, layout)
    pieces = (
        groups[group] if encodings is None else map(encodings.__getitem__, groups[group])
        for group, encodings in layout.pieces
    )
    rows = list(map(b"".join, zip(*pieces, strict=True)))
    if any(encodings and encodings.was_wrong for _, encodings in layout.pieces):
        lines = text.split(b"\n")
        wrong = [index for index, row in enumerate(rows) if WRONG in row]
        for index in wrong:
            rows[index], others[index] = b"", lines[index]
    if not layout.is_closed:
        rows = [row[:-1] + b"nan\n" if row.endswith(b",\n") else row for row in rows]
    return rows, others


def cleaned(text: bytes, layout: Layout) -> bytes:
    """Take off the quotes and the markers of missing values that lines can do without.

    Returns:
        As many lines; nothing where there is no quote and no marker.
    """
    clean = QUOTED.sub(rb"\1", text) if b'"' in text else text
    clean = layout.absent.sub(b"", clean) if layout.absent else clean
    return clean if clean != text else b""


def groups_of(text: bytes, layout: Layout) -> list[list[bytes]]:
    """Return for each group what it matched in every line, nothing where it did not.

    `split` gives them one after the other, with what is between two lines, which is nothing. That
    is faster than a tuple a line. A text of clean lines alone leaves the last group as it is: None.
    """
    flat = layout.line.split(text)
    step = layout.line.groups + 1
    groups = [flat[group::step] for group in range(1, step)]
    if groups[-1].count(None) != len(groups[-1]):
        copied = [group for group, encodings in layout.pieces if encodings is None]
        for group in (*copied, step - 2):
            groups[group] = [piece or b"" for piece in groups[group]]
    return groups
