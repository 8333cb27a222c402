"""Columns of texts that become a 0 or 1 for each of some values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from zlib import crc32

from cells import PLAIN_TEXT, Column, ColumnsError, RowError, shown
from numeric import NUMBER_PATTERN

VALUE_PATTERN = re.compile(r"[!#-+\--~]([ !#-+\--~]*[!#-+\--~])?")
OTHER = "other"
UNSEEN = ("refuse", "missing", OTHER)
MIN_BUCKETS, MAX_BUCKETS = 2, 1024
MAX_EXPECTED = 9  # Values that a reason names.


@dataclass(frozen=True)
class Category(Column):
    """One of some texts, in either case; encoded as a 0 or 1 for each of them, in their order.

    Attributes:
        values: the texts.
        unseen: what becomes of another text: the row is left out (`refuse`), the value counts as
            `missing`, or as one more value, `other`, which stands last.
    """

    values: tuple[str, ...]
    _: KW_ONLY
    unseen: str = "refuse"

    def __post_init__(self) -> None:
        """Refuse values that cannot be told apart or written into a header.

        Raises:
            ColumnsError: There is none, or one is no plain text, or there twice; or the rule for
                others is none.
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
        if self.unseen not in UNSEEN:
            raise ColumnsError(
                f"columns.py: Category({self.name!r}): unseen={self.unseen!r}: must be one of "
                f"{', '.join(map(repr, UNSEEN))}"
            )

    @property
    def is_open(self) -> bool:
        """Tell whether any text is taken."""
        return self.unseen != "refuse"

    @property
    def may_be_missing(self) -> bool:
        """Tell whether a value is missing or unseen without its row being left out."""
        return super().may_be_missing or self.unseen == "missing"

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """What there is a 0 or 1 for: the values and, where it is not one of them, `other`."""
        has_other = self.unseen != OTHER or OTHER.upper() in map(str.upper, self.values)
        return self.values if has_other else (*self.values, OTHER)

    @cached_property
    def one_hot(self) -> dict[bytes, str]:
        """What each value becomes, by the value in upper case."""
        return {
            group.upper().encode(): ",".join("1" if group == one else "0" for one in self.groups)
            for group in self.groups
        }

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the encoded columns, such as `sex_F`."""
        return tuple(f"{self.name}_{group}" for group in self.groups)

    @property
    def few_texts(self) -> int:
        """The values, where no other text is taken."""
        return 0 if self.is_open else len(self.values) + 1

    @property
    def value_pattern(self) -> str:
        """Match a value that is written as in `values`, and any plain text where all are taken."""
        if self.is_open:
            return PLAIN_TEXT
        return one_of(self.values)

    def has(self, text: str) -> bool:
        """Tell whether a text is one of the values, in either case."""
        return text.encode().upper() in self.one_hot

    def encode(self, text: str) -> str:
        """Return the 0s and the 1, such as `0,1,0`; a value that looks missing is a value."""
        # Of bytes, because the upper case of other letters can be one of ASCII.
        encoded = self.one_hot.get(text.encode().upper())
        return super().encode(text) if encoded is None else encoded

    def encode_value(self, text: str) -> str:
        """Do what the rule for others says; a text of `missing` is none where one is required."""
        if self.required and text.lower() in map(str.lower, self.missing) and self.is_open:
            raise RowError("no value", f"column {self.name!r} requires one, value {shown(text)}")
        if self.unseen == OTHER:
            return self.one_hot[OTHER.upper().encode()]
        if self.unseen == "missing":
            return self.nothing
        raise unknown(self.name, text, self.values)


@dataclass(frozen=True)
class Placed(Column):
    """One of some texts, in either case; encoded as its place among them, from 0."""

    values: tuple[str, ...]

    @cached_property
    def places(self) -> dict[bytes, str]:
        """The place of each value, by the value in upper case."""
        return {value.upper().encode(): str(place) for place, value in enumerate(self.values)}

    @property
    def few_texts(self) -> int:
        """The values."""
        return len(self.values) + 1

    @property
    def value_pattern(self) -> str:
        """Match a value that is written as in `values`."""
        return one_of(self.values)

    def has(self, text: str) -> bool:
        """Tell whether a text is one of the values, in either case."""
        return text.encode().upper() in self.places


@dataclass(frozen=True)
class Classes(Placed):
    """The label of a classification: one of some texts, encoded as its place among them, from 0.

    Attributes:
        weights: how often a row of each class counts in training, in a cell after the place.
    """

    _: KW_ONLY
    weights: tuple[float, ...] = ()

    def encode_value(self, text: str) -> str:
        """Return the place of a class; of one that is a number in any spelling of the number."""
        place = self.places.get(text.encode().upper())
        if place is None and NUMBER_PATTERN.fullmatch(text):
            place = self.places.get(f"{float(text):g}".encode())
        if place is None:
            raise unknown(self.name, text, self.values)
        return f"{place},{self.weights[int(place)]!r}" if self.weights else place


@dataclass(frozen=True)
class Hashed(Column):
    """Any text, as a 0 or 1 for each of some buckets, of which the text's own bytes choose one.

    For categories of too many values to list; several share a bucket.
    """

    _: KW_ONLY
    buckets: int = 16

    def __post_init__(self) -> None:
        """Refuse a number of buckets that says nothing or would fill the row.

        Raises:
            ColumnsError: It is one.
        """
        if not MIN_BUCKETS <= self.buckets <= MAX_BUCKETS:
            raise ColumnsError(
                f"columns.py: Hashed({self.name!r}): buckets={self.buckets}: must be from "
                f"{MIN_BUCKETS} to {MAX_BUCKETS}"
            )

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The buckets' numbers."""
        return tuple(map(str, range(self.buckets)))

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the encoded columns, such as `city_0`."""
        return tuple(f"{self.name}_{group}" for group in self.groups)

    @cached_property
    def one_hot(self) -> tuple[str, ...]:
        """What a text of each bucket becomes."""
        return tuple(
            ",".join("1" if at == bucket else "0" for at in range(self.buckets))
            for bucket in range(self.buckets)
        )

    def encode_value(self, text: str) -> str:
        """Return the 0s and the 1 of the text's bucket, whatever its case."""
        return self.one_hot[crc32(text.lower().encode()) % self.buckets]


@dataclass(frozen=True)
class Ordered(Placed):
    """One of some texts that have an order, in either case; encoded as its place, from 0."""

    def encode(self, text: str) -> str:
        """Return the place; a value that looks missing is a value."""
        place = self.places.get(text.encode().upper())
        return super().encode(text) if place is None else place

    def encode_value(self, text: str) -> str:
        """Refuse what is none of the values."""
        raise unknown(self.name, text, self.values)


@dataclass(frozen=True)
class Flag(Column):
    """Yes or no, encoded as 1 or 0, in any of the usual spellings or in those given."""

    _: KW_ONLY
    yes: tuple[str, ...] = ("true", "yes", "y", "t", "1", "on", "1.0")
    no: tuple[str, ...] = ("false", "no", "n", "f", "0", "off", "0.0")

    @cached_property
    def places(self) -> dict[str, str]:
        """The encoding of each spelling, by the spelling in lower case."""
        return {text.lower(): "0" for text in self.no} | {text.lower(): "1" for text in self.yes}

    @property
    def few_texts(self) -> int:
        """A spelling of each; data seldom have several."""
        return 3

    def has(self, text: str) -> bool:
        """Tell whether a text is one of the spellings."""
        return text.lower() in self.places

    def encode_value(self, text: str) -> str:
        """Return 1 or 0."""
        place = self.places.get(text.lower())
        if place is None:
            raise unknown(self.name, text, (*self.yes[:2], *self.no[:2]))
        return place


def one_of(values: Sequence[str]) -> str:
    """Match one of some texts; the longest come first, as one can begin like another."""
    return f"(?:{'|'.join(map(re.escape, sorted(values, key=lambda value: -len(value))))})"


def unknown(name: str, text: str, values: Sequence[str]) -> RowError:
    """Tell that a text is none of the values of a column."""
    *others, last = values
    expected = " or ".join([", ".join(others), last] if others else [last])
    if len(others) > MAX_EXPECTED:
        expected = f"one of {', '.join(others[:MAX_EXPECTED])}, … ({len(values)} values)"
    return RowError(f"unknown {name}", f"value {shown(text)}, expected {expected}")
