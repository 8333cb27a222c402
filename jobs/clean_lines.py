"""Clean lines, which are nearly all, matched by one pattern and joined without a step in Python.

The pattern is made of those of the columns. Each of its matches is one line: the pieces of a clean
row in a group each, or whatever else it is in the last group, which `rows.encode_row` takes. Both
ways give the same text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby, takewhile
from operator import itemgetter
from typing import NamedTuple

from kinds import Column, RowError, Rule, Weight
from rows import LABELLED
from table import LABEL, SPLIT

# What a group holds; that of a label or of a column that is not copied has its name instead.
NOTHING, NUMBERS, COMMA, NEWLINE = "", "-", ",", "\n"
MAX_TOGETHER = 4096  # Texts that columns which share a group may have.
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


Piece = tuple[int, Encodings | None]


class Span(NamedTuple):
    """What a group holds: cells of a line, from the first column to the last, or a text.

    `has_comma` says that the comma before them belongs to it.
    """

    first: int = 0
    last: int = -1
    has_comma: bool = False
    text: bytes = b""


class Layout(NamedTuple):
    """The pattern of a line, and the groups that make an encoded row, in its order.

    A piece is a group and what encodes what stands there; None where it is copied. `key` is that of
    what decides the split, None where the row itself does. `absent` matches a cell that holds one
    of the texts that are missing in every column, and `is_closed` says that the last cell of a row
    cannot be empty. `spans` say what each group holds.
    """

    line: re.Pattern[bytes]
    pieces: tuple[Piece, ...]
    key: Piece | None
    absent: re.Pattern[bytes] | None
    is_closed: bool
    spans: tuple[Span, ...]


class Lines(NamedTuple):
    """What became of lines, an item for each in all three lists.

    Attributes:
        rows: the encoded row of a clean line, nothing for any other.
        others: a line that is not clean, without its newline, and nothing for one that is.
        keys: what decides the split of a clean line; None where the row itself does.
    """

    rows: list[bytes]
    others: list[bytes]
    keys: list[bytes] | None


def layout_of(columns: Sequence[Column], label: str, split: Rule | None = None) -> Layout:
    """Choose the groups: the label, and each column that is not copied; but some have one together.

    So have a run of copied columns, and a run of those that have few texts, which are looked up as
    one. A weight comes behind the label.

    A run of copied ones that begins the row lacks the comma before it, so the one after it has a
    group too; and so has the newline where there is no category to bring it. The column that
    decides the split has a group of its own.
    """
    key_name = split.name if split else ""
    apart = [held_of(column, label, key_name) for column in columns]
    held = together(columns, apart, label, key_name)
    groups = [name for name, _ in groupby(held) if name != NOTHING]
    if held[0] == NUMBERS:
        groups.insert(1, COMMA)
    categories = [name for name, column in zip(held, columns, strict=True) if column.groups]
    if not categories:
        groups.append(NEWLINE)
    weights = [column.name for column in columns if isinstance(column, Weight)]
    rank = {label: 0, **dict.fromkeys(weights, 1), COMMA: 2, NEWLINE: 5}
    rank |= dict.fromkeys(set(categories) - {label}, 4)
    pieces: list[Piece] = []
    for group in sorted(range(len(groups)), key=lambda group: rank.get(groups[group], 3)):
        name = groups[group]
        own = [column for column, of in zip(columns, held, strict=True) if of == name != NUMBERS]
        if not own or (name == label and own[0].is_copied):
            pieces.append((group, None))
        elif own[0].features or name in weights:
            begin = b"" if name == label else b","
            end = b"\n" if [name] == categories[-1:] else b""
            pieces.append((group, Encodings(partial(encoded, own), begin=begin, end=end)))
    key: Piece | None = None
    if split:
        [column] = (column for column in columns if column.name == key_name)
        encodings = Encodings(partial(split.key, column), begin=b"", end=b"")
        key = (groups.index(key_name), encodings)
    return Layout(
        line=line_pattern(columns, held, has_end=bool(categories)),
        pieces=tuple(pieces),
        key=key,
        absent=absent_pattern([column for column in columns if column.features]),
        is_closed=bool(categories) or not any(column.markers for column in columns),
        spans=spans_of(held, has_end=bool(categories)),
    )


def spans_of(held: Sequence[str], *, has_end: bool) -> tuple[Span, ...]:
    """Return the span of each group, in their order."""
    spans = []
    for name, run in groupby(range(len(held)), key=held.__getitem__):
        first, *others = run
        if name != NOTHING:
            has_comma = name == NUMBERS and first > 0
            spans.append(Span(first, others[-1] if others else first, has_comma))
    if held[0] == NUMBERS:
        spans.insert(1, Span(text=b","))
    return (*spans, *([] if has_end else [Span(text=b"\n")]))


def held_of(column: Column, label: str, key_name: str) -> str:
    """Return what the group holds that the column's text is in."""
    if column.name in (label, key_name):
        return column.name
    if isinstance(column, Weight):
        return column.name
    if not column.features:
        return NOTHING
    return NUMBERS if column.is_copied else column.name


def together(columns: Sequence[Column], held: Sequence[str], *alone: str) -> list[str]:
    """Have columns side by side share a group where both have few texts; return what groups hold.

    Both are categories or neither is, so that they stand side by side in an encoded row, too.

    Args:
        columns: of a line.
        held: for each of them, what its group holds.
        alone: the columns that have a group of their own.
    """
    names: list[str] = []
    texts = 0  # Of the group before; nothing where it can have no other column.
    for index, (column, name) in enumerate(zip(columns, held, strict=True)):
        own = 0 if name in (*alone, NOTHING, NUMBERS) else column.few_texts
        is_alike = index > 0 and bool(column.groups) == bool(columns[index - 1].groups)
        if is_alike and 0 < texts * own <= MAX_TOGETHER:
            before = names[-1]
            names = [f"{before},{name}" if one == before else one for one in names]
            names.append(f"{before},{name}")
            texts *= own
        else:
            names.append(name)
            texts = own
    return names


def encoded(columns: Sequence[Column], text: str) -> str:
    """Return what stands for the texts of columns side by side."""
    texts = text.split(",")
    pairs = zip(columns, texts, strict=True)
    return ",".join(column.encode(one.strip()) for column, one in pairs)


def line_pattern(
    columns: Sequence[Column], held: Sequence[str], *, has_end: bool
) -> re.Pattern[bytes]:
    """Write the pattern; a run's numbers one by one, as `(...){7}` takes half as long again."""
    commas = ["", *[","] * (len(columns) - 1)]
    if held[0] == NUMBERS:
        commas[len(list(takewhile(NUMBERS.__eq__, held)))] = "(,)"
    clean = ""
    for name, run in groupby(range(len(columns)), key=held.__getitem__):
        first, *more = [(commas[index], columns[index].pattern) for index in run]
        rest = "".join(comma + pattern for comma, pattern in more)
        if name == NUMBERS:
            clean += f"({first[0]}{first[1]}{rest})"
        else:
            clean += first[0] + (f"{first[1]}{rest}" if name == NOTHING else f"({first[1]}{rest})")
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


def match_lines(text: bytes) -> Lines:
    """Encode the lines that the pattern matches as they stand."""
    *groups, others = groups_of(text, LAYOUT)
    pieces = [piece_of(groups, piece) for piece in LAYOUT.pieces]
    rows = list(map(b"".join, zip(*pieces, strict=True)))
    if any(encodings and encodings.was_wrong for _, encodings in LAYOUT.pieces):
        leave(text, [index for index, row in enumerate(rows) if WRONG in row], rows, others)
    if not LAYOUT.is_closed:
        rows = with_nan(rows)
    if LAYOUT.key is None:
        return Lines(rows, others, None)
    keys = list(piece_of(groups, LAYOUT.key))
    if LAYOUT.key[1] and LAYOUT.key[1].was_wrong:
        leave(text, [index for index, key in enumerate(keys) if WRONG in key], rows, others)
    return Lines(rows, others, keys)


def encode_lines(
    text: bytes, order: Sequence[int] | None = None, match: Callable[[bytes], Lines] = match_lines
) -> Lines:
    """Encode every clean line of a text.

    Args:
        text: Whole lines, each with its newline.
        order: As for `rows.encode_row`; the pattern knows only the usual one, and no line in
            another is clean.
        match: Encodes the lines that are clean as they stand.
    """
    if order is not None:
        others = text.split(b"\n")[:-1]
        nothing = [b""] * len(others)
        return Lines(nothing, others, None if LAYOUT.key is None else nothing[:])
    lines = match(text)
    left = [line for line in lines.others if line]
    cleaner = cleaned(b"\n".join([*left, b""]), LAYOUT) if left else b""
    if cleaner:
        again = match(cleaner)
        at = [place for place, line in enumerate(lines.others) if line]
        for place, row in zip(at, again.rows, strict=True):
            lines.rows[place] = row
        if lines.keys is not None and again.keys is not None:
            for place, key in zip(at, again.keys, strict=True):
                lines.keys[place] = key
    return lines


def with_nan(rows: list[bytes]) -> list[bytes]:
    """Put nan where the last cell of a row is empty, as in `rows.joined`."""
    return [row[:-1] + b"nan\n" if row.endswith(b",\n") else row for row in rows]


def leave(text: bytes, wrong: Sequence[int], rows: list[bytes], others: list[bytes]) -> None:
    """Make lines that looked clean lines that are not."""
    lines = text.split(b"\n") if wrong else []
    for index in wrong:
        rows[index], others[index] = b"", lines[index]


def piece_of(groups: Sequence[list[bytes]], piece: Piece) -> Sequence[bytes]:
    """Return what stands for a group of every line."""
    group, encodings = piece
    texts = groups[group]
    if encodings is None:
        return texts
    # In one step for all of them. Of one text `itemgetter` gives no tuple.
    return itemgetter(*texts)(encodings) if len(texts) > 1 else [encodings[text] for text in texts]


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
