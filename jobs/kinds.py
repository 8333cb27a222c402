"""What a column of the raw data can be: how its texts are checked, and what they become.

Every kind has the `name` of its column, `also`, a second name that a header may give it, and

    pattern         matches the texts that are clean: `encode` leaves them as they are
    encode(text)    the text that stands in an encoded row; raises `RowError`

A clean text is plain ASCII without quotes, so that a pattern can be part of one for whole lines.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property

REGRESSION, BINARY, MULTICLASS = PROBLEMS = ("regression", "binary", "multiclass")

MAX_SHOWN = 40  # Characters of a bad value that a reason repeats.
MAX_COUNT = 999_999_999
# A number in one of these forms is passed on as it is written; any other is normalized first.
PLAIN_NUMBER = re.compile(r"[0-9]{1,9}\.?[0-9]{0,20}")
PLAIN_SIGNED = re.compile(r"-?[0-9]{1,9}\.?[0-9]{0,20}")
PLAIN_COUNT = r"[1-9][0-9]{0,8}"
PLAIN_TEXT = r"[ !#-+\--~]{0,200}"  # Neither a comma nor a quote.
NUMBER_PATTERN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
NOT_FINITE_PATTERN = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
NAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
VALUE_PATTERN = re.compile(r"[!#-+\--~]([ !#-+\--~]*[!#-+\--~])?")


class RowError(Exception):
    """One row is rejected."""

    def __init__(self, kind: str, detail: str) -> None:
        """Join `kind`, a fixed text to count by, and `detail`, which names the value."""
        super().__init__(f"{kind} ({detail})")
        self.kind = kind


class ColumnsError(Exception):
    """`columns.py` describes no table; the text says which part, and what to write instead."""


@dataclass(frozen=True)
class Number:
    """A finite number, of at least 0 if not `signed`."""

    name: str
    also: str = ""
    signed: bool = False

    @property
    def pattern(self) -> str:
        """Match a number that is passed on as it is written."""
        return (PLAIN_SIGNED if self.signed else PLAIN_NUMBER).pattern

    def encode(self, text: str) -> str:
        """Return the number as it is written if plain, else in Python's shortest form."""
        if (PLAIN_SIGNED if self.signed else PLAIN_NUMBER).fullmatch(text):
            return text
        value = parse_number(self.name, text)
        if value < 0 and not self.signed:
            raise RowError("negative", f"column {self.name!r}, value {shown(text)}")
        return repr(value + 0.0)  # The sum makes 0.0 of -0.0, which is not below 0.


@dataclass(frozen=True)
class Count:
    """A whole number from 1 to `MAX_COUNT`."""

    name: str
    also: str = ""
    pattern: str = PLAIN_COUNT

    def encode(self, text: str) -> str:
        """Return the number in digits alone: `15.0` gives `15`."""
        value = parse_number(self.name, text)
        if not (value.is_integer() and 1 <= value <= MAX_COUNT):
            raise RowError(f"{self.name} must be a whole number >= 1", f"value {shown(text)}")
        return str(int(value))


@dataclass(frozen=True)
class Category:
    """One of some texts, in either case; encoded as a 0 or 1 for each of them, in their order."""

    name: str
    values: tuple[str, ...]
    also: str = ""

    def __post_init__(self) -> None:
        """Refuse values that cannot be told apart or written into a header.

        Raises:
            ColumnsError: There is none, or one is no plain text, or there twice.
        """
        wrong = [value for value in self.values if not VALUE_PATTERN.fullmatch(value)]
        upper = [value.upper() for value in self.values]
        wrong += [value for i, value in enumerate(self.values) if upper[i] in upper[:i]]
        if wrong or not self.values:
            raise ColumnsError(
                f"columns.py: Category({self.name!r}, {self.values!r}): the values must be one or "
                "more different texts of ASCII, in either case, without commas, quotes or outer "
                f"spaces{'; wrong: ' + ', '.join(map(repr, wrong)) if wrong else ''}"
            )

    @cached_property
    def one_hot(self) -> dict[bytes, str]:
        """What each value becomes, by the value in upper case."""
        return {
            value.upper().encode(): ",".join("1" if value == one else "0" for one in self.values)
            for value in self.values
        }

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the encoded columns, such as `sex_F`."""
        return tuple(f"{self.name}_{value}" for value in self.values)

    @property
    def pattern(self) -> str:
        """Match a value that is written as in `values`."""
        return f"(?:{'|'.join(map(re.escape, self.values))})"

    def has(self, text: str) -> bool:
        """Tell whether a text is one of the values, in either case."""
        return text.encode().upper() in self.one_hot

    def encode(self, text: str) -> str:
        """Return the 0s and the 1, such as `0,1,0`."""
        # Of bytes, because the upper case of other letters can be one of ASCII.
        encoded = self.one_hot.get(text.encode().upper())
        if encoded is None:
            *others, last = self.values
            expected = " or ".join([", ".join(others), last] if others else [last])
            raise RowError(f"unknown {self.name}", f"value {shown(text)}, expected {expected}")
        return encoded


@dataclass(frozen=True)
class Ignored:
    """A column that the data has and the model does not get, whatever stands in it."""

    name: str
    also: str = ""
    pattern: str = PLAIN_TEXT

    def encode(self, _text: str) -> str:
        """Return nothing."""
        return ""


@dataclass(frozen=True)
class Classes:
    """The label of a classification: one of some texts, encoded as its place among them, from 0."""

    name: str
    values: tuple[str, ...]
    also: str = ""

    @classmethod
    def of(cls, category: Category) -> Classes:
        """Take a category, which has checked its values, for the label."""
        return cls(category.name, category.values, category.also)

    @cached_property
    def places(self) -> dict[bytes, str]:
        """The place of each value, by the value in upper case."""
        return {value.upper().encode(): str(place) for place, value in enumerate(self.values)}

    @property
    def pattern(self) -> str:
        """Match a value that is written as in `values`."""
        return f"(?:{'|'.join(map(re.escape, self.values))})"

    def has(self, text: str) -> bool:
        """Tell whether a text is one of the values, in either case."""
        return text.encode().upper() in self.places

    def encode(self, text: str) -> str:
        """Return the place of a class; of one that is a number in any spelling of the number."""
        place = self.places.get(text.encode().upper())
        if place is None and NUMBER_PATTERN.fullmatch(text):
            place = self.places.get(f"{float(text):g}".encode())
        if place is None:
            expected = f"{', '.join(self.values[:-1])} or {self.values[-1]}"
            raise RowError(f"unknown {self.name}", f"value {shown(text)}, expected {expected}")
        return place


Column = Number | Count | Category | Classes | Ignored


def check_columns(columns: tuple[Column, ...], label: str, problem: str = REGRESSION) -> None:
    """Check that the columns make a table to learn from.

    Raises:
        ColumnsError: A name is no word or like another, or the label is not among them, or not of
            the kind that the problem asks for.
    """
    keys = [key for column in columns for key in keys_of(column)]
    for column in columns:
        name = column.name
        if not NAME_PATTERN.fullmatch(name):
            raise ColumnsError(
                f"columns.py: column {name!r}: a name must be letters, digits and _ of ASCII, a "
                "letter first, such as 'floor_area'"
            )
        if any(keys.count(key) > 1 for key in keys_of(column)):
            raise ColumnsError(
                f"columns.py: column {name!r}: is called like another, but for case, spaces, - and "
                "_; rename one"
            )
    check_label(columns, label, problem)
    if all(column.name == label or isinstance(column, Ignored) for column in columns):
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


def keys_of(column: Column) -> set[str]:
    """Return the keys of a column's names."""
    return {column_key(name) for name in (column.name, column.also) if name}


def column_key(name: str) -> str:
    """Reduce a column's name to what counts: `Whole weight` and `whole-weight` are one."""
    return re.sub(r"[\s_-]", "", name.lower())


def parse_number(column: str, text: str) -> float:
    """Read a finite decimal number; unlike `float`, take neither underscores nor other digits.

    Raises:
        RowError: The text is no number, or none that is finite.
    """
    detail = f"column {column!r}, value {shown(text)}"
    if NOT_FINITE_PATTERN.fullmatch(text):
        raise RowError("NaN or infinite", detail)
    if not NUMBER_PATTERN.fullmatch(text):
        raise RowError("not a number", detail)
    if math.isinf(value := float(text)):
        raise RowError("NaN or infinite", detail)
    return value


def shown(text: str) -> str:
    """Quote a value for a message, cut to `MAX_SHOWN` characters."""
    return repr(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")
