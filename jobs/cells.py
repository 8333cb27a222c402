"""What every kind of column has in common: its names, and which texts stand for nothing.

A kind has

    features        the names of what its text becomes in an encoded row, in their order
    pattern         matches the texts that are clean: `encode` takes them
    is_copied       whether a clean text is its own encoding
    encode(text)    the text that stands in an encoded row; raises `RowError`

A clean text is plain ASCII without quotes, so that a pattern can be part of one for whole lines. A
missing value becomes empty cells, which XGBoost reads as missing.
"""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass
from functools import cached_property

# The texts that stand for a missing value, in either case, unless a column says otherwise.
MISSING = ("", "NA", "N/A", "NaN", "null", "None", "?")
MAX_SHOWN = 40  # Characters of a bad value that a reason repeats.
PLAIN_TEXT = r"[ !#-+\--~]{0,200}+"  # Neither a comma nor a quote.


class RowError(Exception):
    """One row is rejected."""

    def __init__(self, kind: str, detail: str) -> None:
        """Join `kind`, a fixed text to count by, and `detail`, which names the value."""
        super().__init__(f"{kind} ({detail})")
        self.kind = kind


class ColumnsError(Exception):
    """`columns.py` describes no table; the text says which part, and what to write instead."""

    __module__ = "kinds"  # From where columns.py has what raises it.


@dataclass(frozen=True)
class Column:
    """What all kinds have.

    Attributes:
        name: of the column.
        also: another name that a header may give it, or several.
        missing: the texts that stand for a missing value, in either case.
        required: whether a row without a value is left out.
    """

    name: str
    _: KW_ONLY
    also: str | tuple[str, ...] = ""
    missing: tuple[str, ...] = MISSING
    required: bool = False

    @cached_property
    def markers(self) -> frozenset[str]:
        """The texts of a missing value in lower case; none where a value is required."""
        return frozenset() if self.required else frozenset(map(str.lower, self.missing))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """What there is a 0 or 1 for; nothing where the column is no category."""
        return ()

    @property
    def may_be_missing(self) -> bool:
        """Tell whether an encoded row may hold nothing for the column."""
        return bool(self.markers)

    @property
    def features(self) -> tuple[str, ...]:
        """The column's own name, for one cell."""
        return (self.name,)

    @property
    def few_texts(self) -> int:
        """About how many clean texts there are, an empty one with them; 0 where they are many."""
        return 0

    @property
    def value_pattern(self) -> str:
        """Match a clean text that is a value."""
        return PLAIN_TEXT

    @property
    def is_copied(self) -> bool:
        """Tell whether a clean text, an empty one included, is its own encoding."""
        return False

    @property
    def pattern(self) -> str:
        """Match a clean value and, where it may be missing, nothing."""
        # An empty alternative is tried faster than an optional group.
        may_be_empty = "" not in self.markers or self.value_pattern == PLAIN_TEXT
        return self.value_pattern if may_be_empty else f"(?:{self.value_pattern}|)"

    @property
    def nothing(self) -> str:
        """The encoding of a missing value: an empty cell for each feature."""
        return "," * (len(self.features) - 1)

    def has(self, _text: str) -> bool:
        """Tell whether a text can be nothing but a value of the column, such as a listed one."""
        return False

    def encode(self, text: str) -> str:
        """Return the text that stands in an encoded row.

        Raises:
            RowError: It is no value of the column, or a value is required.
        """
        return self.nothing if text.lower() in self.markers else self.encode_value(text)

    def encode_value(self, text: str) -> str:
        """Do so for a text that is no marker of a missing value."""
        raise NotImplementedError


@dataclass(frozen=True)
class Ignored(Column):
    """A column that the data has and the model does not get, whatever stands in it."""

    @property
    def features(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def pattern(self) -> str:
        """Match whatever may stand between two commas."""
        return PLAIN_TEXT

    def encode(self, _text: str) -> str:
        """Return nothing."""
        return ""


def column_key(name: str) -> str:
    """Reduce a column's name to what counts: `Whole weight` and `whole-weight (g)` are near.

    Letters and digits count, in lower case; punctuation and spaces do not.
    """
    return re.sub(r"[\W_]", "", name.lower())


def keys_of(column: Column) -> set[str]:
    """Return the keys of a column's names."""
    also = (column.also,) if isinstance(column.also, str) else column.also
    return {column_key(name) for name in (column.name, *also) if name}


def shown(text: str) -> str:
    """Quote a value for a message, cut to `MAX_SHOWN` characters."""
    return repr(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")
