"""What a column of the raw data can be, for `columns.py` to choose from, and what makes a table."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from categories import Category, Classes, Flag, Hashed, Ordered
from cells import (
    MISSING,
    PLAIN_TEXT,
    Column,
    ColumnsError,
    Ignored,
    RowError,
    column_key,
    keys_of,
    shown,
)
from dates import Date
from numeric import (
    NOT_FINITE_PATTERN,
    NUMBER_PATTERN,
    PLAIN_COUNT,
    PLAIN_NUMBER,
    Count,
    Number,
    parse_number,
)
from split_rules import ByGroup, ByTime, Rule

__all__ = [
    "BINARY",
    "MISSING",
    "MULTICLASS",
    "NOT_FINITE_PATTERN",
    "NUMBER_PATTERN",
    "PLAIN_COUNT",
    "PLAIN_NUMBER",
    "PLAIN_TEXT",
    "PROBLEMS",
    "REGRESSION",
    "ByGroup",
    "ByTime",
    "Category",
    "Classes",
    "Column",
    "ColumnsError",
    "Count",
    "Date",
    "Flag",
    "Hashed",
    "Ignored",
    "Number",
    "Ordered",
    "RowError",
    "Rule",
    "check_columns",
    "column_key",
    "keys_of",
    "label_of",
    "parse_number",
    "shown",
]

REGRESSION, BINARY, MULTICLASS = PROBLEMS = ("regression", "binary", "multiclass")
NAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def check_columns(
    columns: tuple[Column, ...],
    label: str,
    problem: str = REGRESSION,
    split: Rule | None = None,
) -> None:
    """Check that the columns make a table to learn from.

    Raises:
        ColumnsError: A name is no word or like another, or the label is not among them, or not of
            the kind that the problem asks for.
    """
    times = Counter(key for column in columns for key in keys_of(column))
    for column in columns:
        name = column.name
        if not NAME_PATTERN.fullmatch(name):
            raise ColumnsError(
                f"columns.py: column {name!r}: a name must be letters, digits and _ of ASCII, a "
                "letter first, such as 'floor_area'"
            )
        if any(times[key] > 1 for key in keys_of(column)):
            raise ColumnsError(
                f"columns.py: column {name!r}: is called like another, but for case, spaces, - and "
                "_; rename one"
            )
    check_label(columns, label, problem)
    if split is not None:
        split.check(columns, label)
    if all(column.name == label or not column.features for column in columns):
        raise ColumnsError("columns.py: COLUMNS holds the label alone; add the features")


def check_label(columns: tuple[Column, ...], label: str, problem: str) -> None:
    """Check that the label is what the problem asks for: a number, or a category of its classes.

    Raises:
        ColumnsError: There is no such problem, or the label is something else.
    """
    if problem not in PROBLEMS:
        raise ColumnsError(
            f"columns.py: PROBLEM = {problem!r}: must be one of {', '.join(PROBLEMS)}"
        )
    kinds, asked = (
        ((Number, Count), "a Number or a Count")
        if problem == REGRESSION
        else ((Category,), f"a Category of the classes, since PROBLEM is {problem}")
    )
    found = {column.name: column for column in columns if isinstance(column, kinds)}
    if label not in found:
        raise ColumnsError(
            f"columns.py: LABEL = {label!r}: must be the name of {asked}; there are "
            f"{', '.join(found) or 'none'}"
        )
    classes = found[label]
    if problem == BINARY and isinstance(classes, Category) and len(classes.values) != len("01"):
        raise ColumnsError(
            f"columns.py: Category({label!r}, {classes.values!r}): a binary problem has two "
            "classes, the one that is looked for last; of more make PROBLEM multiclass"
        )
    if problem == MULTICLASS and isinstance(classes, Category) and len(classes.values) == 1:
        raise ColumnsError(f"columns.py: Category({label!r}, {classes.values!r}): add the others")


def label_of(column: Column) -> Column:
    """Return the column of a label, which every row needs; a category becomes classes."""
    if isinstance(column, Category):
        return Classes(column.name, column.values, also=column.also, required=True)
    return replace(column, required=True)
