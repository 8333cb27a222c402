"""Clean lines, which are nearly all, matched by one pattern and joined without a step in Python.

The pattern is made of those of the columns. Each of its matches is one line: the pieces of a clean
row in a group each, or whatever else it is in the last group, which `rows.encode_row` takes. Both
ways give the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, takewhile
from typing import NamedTuple

from columns import LABEL
from kinds import Category, Classes, Column, Ignored
from rows import LABELLED

# What a group holds; that of the label or of a category has its column's name instead.
NOTHING, NUMBERS, COMMA, NEWLINE = "", "-", ",", "\n"


class Layout(NamedTuple):
    """The pattern of a line, and the groups that make an encoded row, in its order.

    A group that holds a category's value or a class stands for a text of `one_hot`, by group.
    """

    line: re.Pattern[bytes]
    pieces: tuple[int, ...]
    one_hot: Mapping[int, Mapping[bytes, bytes]]


def layout_of(columns: Sequence[Column], label: str) -> Layout:
    """Choose the groups: the label, each category, and each run of other numbers with its commas.

    A run that begins the row lacks the comma before it, so the one after it has a group too; and
    so has the newline where there is no category to bring it.
    """
    held = [held_of(column, label) for column in columns]
    groups = [name for name, _ in groupby(held) if name != NOTHING]
    if held[0] == NUMBERS:
        groups.insert(1, COMMA)
    categories = {column.name: column for column in columns if isinstance(column, Category)}
    classes = {column.name: column for column in columns if isinstance(column, Classes)}
    if not categories:
        groups.append(NEWLINE)
    rank = {label: 0, COMMA: 1, NUMBERS: 2, NEWLINE: 4}  # A category's is 3.
    last = list(categories)[-1:]
    return Layout(
        line=line_pattern(columns, held),
        pieces=tuple(sorted(range(len(groups)), key=lambda group: rank.get(groups[group], 3))),
        one_hot={
            group: one_hot_of(categories[name], end=b"\n" if [name] == last else b"")
            for group, name in enumerate(groups)
            if name in categories
        }
        | {group: places_of(classes[name]) for group, name in enumerate(groups) if name in classes},
    )


def held_of(column: Column, label: str) -> str:
    """Return what the group holds that the column's text is in."""
    if isinstance(column, Ignored):
        return NOTHING
    return column.name if column.name == label or isinstance(column, Category) else NUMBERS


def line_pattern(columns: Sequence[Column], held: Sequence[str]) -> re.Pattern[bytes]:
    """Write the pattern; a run's numbers one by one, as `(...){7}` takes half as long again."""
    commas = ["", *[","] * (len(columns) - 1)]
    if held[0] == NUMBERS:
        commas[len(list(takewhile(NUMBERS.__eq__, held)))] = "(,)"
    clean = ""
    for name, run in groupby(range(len(columns)), key=held.__getitem__):
        opened, closed = ("(", ")") if name not in (NOTHING, NUMBERS) else ("", "")
        text = "".join(commas[index] + opened + columns[index].pattern + closed for index in run)
        clean += f"({text})" if name == NUMBERS else text
    has_category = any(isinstance(column, Category) for column in columns)
    end = r"\r?|(.*))\n" if has_category else r"\r?(\n)|(.*)\n)"
    return re.compile(f"(?:{clean}{end}".encode())


def one_hot_of(category: Category, *, end: bytes) -> Mapping[bytes, bytes]:
    """Return what stands for each value, after a comma and with the end; nothing for nothing."""
    values = {value.encode(): f",{category.encode(value)}".encode() for value in category.values}
    return {b"": b""} | {value: text + end for value, text in values.items()}


def places_of(classes: Classes) -> Mapping[bytes, bytes]:
    """Return what stands for each class; nothing for nothing."""
    return {b"": b""} | {value.encode(): classes.encode(value).encode() for value in classes.values}


LAYOUT = layout_of(LABELLED, LABEL)


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
    *groups, others = groups_of(text, layout.line)
    pieces = (
        map(layout.one_hot[group].__getitem__, groups[group])
        if group in layout.one_hot
        else groups[group]
        for group in layout.pieces
    )
    return zip(map(b"".join, zip(*pieces, strict=True)), others, strict=True)


def groups_of(text: bytes, line: re.Pattern[bytes]) -> list[list[bytes]]:
    """Return for each group what it matched in every line, nothing where it did not.

    `split` gives them one after the other, with what is between two lines, which is nothing. That
    is faster than a tuple a line. A text of clean lines alone leaves the last group as it is: None.
    """
    flat = line.split(text)
    step = line.groups + 1
    if flat[line.groups :: step].count(None) * step + 1 != len(flat):
        flat = [piece or b"" for piece in flat]
    return [flat[group::step] for group in range(1, step)]
