"""What a column of the raw data can be, for `columns.py` to choose from, and what makes a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
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
    MAX_WEIGHT,
    MIN_WEIGHT,
    NOT_FINITE_PATTERN,
    NUMBER_PATTERN,
    PLAIN_COUNT,
    PLAIN_NUMBER,
    Count,
    Number,
    Weight,
    parse_number,
)
from split_rules import ByGroup, ByLabel, ByTime, Rule

__all__ = [
    "BINARY",
    "MAX_WEIGHT",
    "MIN_WEIGHT",
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
    "ByLabel",
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
    "Weight",
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
    split: Rule | ByLabel | None = None,
    *,
    class_weights: Mapping[str, float] | None = None,
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
    check_weights(columns, label, problem, class_weights)
    rule: object = split  # Whatever somebody has written there.
    if isinstance(rule, type):
        name = rule.__name__
        raise ColumnsError(f"columns.py: SPLIT = {name}: write {name}(…), such as ByLabel()")
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


def check_weights(
    columns: tuple[Column, ...],
    label: str,
    problem: str,
    class_weights: Mapping[str, float] | None,
) -> None:
    """Check that one thing at most says how often a row counts, and that of every class it does.

    Raises:
        ColumnsError: Two do, or a class lacks a weight, or has one that is none.
    """
    weights = [column.name for column in columns if isinstance(column, Weight)]
    if len(weights) > 1:
        raise ColumnsError(
            f"columns.py: {' and '.join(weights)} are Weights: a row has one; make the others "
            "Number or Ignored"
        )
    if class_weights is None:
        return
    if problem == REGRESSION:
        raise ColumnsError("columns.py: CLASS_WEIGHTS: a regression has no classes; leave it out")
    if weights:
        raise ColumnsError(
            f"columns.py: CLASS_WEIGHTS beside Weight({weights[0]!r}): a row has one weight; "
            "multiply that column by them in the data, and leave CLASS_WEIGHTS out"
        )
    classes = next(c.values for c in columns if c.name == label and isinstance(c, Category))
    if set(class_weights) != set(classes):
        raise ColumnsError(
            f"columns.py: CLASS_WEIGHTS = {class_weights!r}: must have a weight for each of "
            f"{', '.join(classes)} and for nothing else"
        )
    for name, weight in class_weights.items():
        is_number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        if not (is_number and MIN_WEIGHT <= weight <= MAX_WEIGHT):
            raise ColumnsError(
                f"columns.py: CLASS_WEIGHTS: that of {name!r} is {weight!r}; it must be a number "
                f"from {MIN_WEIGHT:g} to {MAX_WEIGHT:g}"
            )


def label_of(column: Column, class_weights: Mapping[str, float] | None = None) -> Column:
    """Return the column of a label, which every row needs; a category becomes classes."""
    if isinstance(column, Category):
        weights = tuple(class_weights[value] for value in column.values) if class_weights else ()
        return Classes(column.name, column.values, also=column.also, required=True, weights=weights)
    return replace(column, required=True)
