"""Columns of numbers: what a number may look like, and the cell that it becomes."""

from __future__ import annotations

import math
import re
from dataclasses import KW_ONLY, dataclass

from cells import PLAIN_TEXT, Column, RowError, shown

THOUSAND_DIGITS = 3
MAX_COUNT = 999_999_999
# Their sums keep their digits in XGBoost, which adds in single precision.
MIN_WEIGHT, MAX_WEIGHT = 1e-6, 1e9
# A number in one of these forms is passed on as it is written; any other is normalized first.
# Nothing is tried again with fewer digits (the last `+`): what follows a number is none.
PLAIN_NUMBER = re.compile(r"[0-9]{1,9}+\.?+[0-9]{0,20}+")
PLAIN_SIGNED = re.compile(r"-?+[0-9]{1,9}+\.?+[0-9]{0,20}+")
PLAIN_COUNT = r"[1-9][0-9]{0,8}+"
NUMBER_PATTERN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
NOT_FINITE_PATTERN = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


@dataclass(frozen=True)
class Number(Column):
    """A finite number, of at least 0 if not `signed`.

    Attributes:
        signed: whether it may be below 0.
        unit: what may stand before or behind it, such as `kg`, `%` or `$`.
        thousands: what may stand between groups of three digits, such as `'` or a space.
    """

    signed: bool = False
    _: KW_ONLY
    unit: str = ""
    thousands: str = ""

    @property
    def value_pattern(self) -> str:
        """Match a number that is passed on as it is written; any text where it is cleaned."""
        return PLAIN_TEXT if self.is_cleaned else self.plain.pattern

    @property
    def plain(self) -> re.Pattern[str]:
        """Match a number that is passed on as it is written."""
        return PLAIN_SIGNED if self.signed else PLAIN_NUMBER

    @property
    def is_cleaned(self) -> bool:
        """Tell whether something has to be taken off the number."""
        return bool(self.unit or self.thousands)

    @property
    def is_copied(self) -> bool:
        """Tell that it is, unless something has to be taken off."""
        return not self.is_cleaned

    def encode_value(self, text: str) -> str:
        """Return the number as it is written if plain, else in Python's shortest form."""
        number = self.cleaned(text) if self.is_cleaned else text
        if self.plain.fullmatch(number):
            return number
        value = parse_number(self.name, number, shown_as=text)
        if value < 0 and not self.signed:
            raise RowError("negative", f"column {self.name!r}, value {shown(text)}")
        return repr(value + 0.0)  # The sum makes 0.0 of -0.0, which is not below 0.

    def cleaned(self, text: str) -> str:
        """Take the unit and the separators off a number."""
        if self.unit:
            text = text.removesuffix(self.unit).removeprefix(self.unit).strip()
        if self.thousands and (groups := text.split(self.thousands))[1:]:
            whole = [groups[-1].partition(".")[0], *groups[1:-1]]
            if all(len(group) == THOUSAND_DIGITS and group.isdecimal() for group in whole):
                return "".join(groups)
        return text


@dataclass(frozen=True)
class Count(Column):
    """A whole number from 1 to `MAX_COUNT`."""

    @property
    def value_pattern(self) -> str:
        """Match a number in digits alone."""
        return PLAIN_COUNT

    @property
    def is_copied(self) -> bool:
        """Tell that it is."""
        return True

    def encode_value(self, text: str) -> str:
        """Return the number in digits alone: `15.0` gives `15`."""
        value = parse_number(self.name, text)
        if not (value.is_integer() and 1 <= value <= MAX_COUNT):
            raise RowError(f"{self.name} must be a whole number >= 1", f"value {shown(text)}")
        return str(int(value))


@dataclass(frozen=True)
class Weight(Column):
    """How often a row counts, in training and in the metrics; the model does not get it.

    A number of at least `MIN_WEIGHT`: 0 would teach nothing, so such a row is left out.
    """

    @property
    def features(self) -> tuple[str, ...]:
        """None."""
        return ()

    def encode(self, text: str) -> str:
        """Return the number as it is written if plain, else in Python's shortest form."""
        if text.lower() in map(str.lower, self.missing):
            raise RowError("no weight", f"column {self.name!r}, value {shown(text)}")
        value = parse_number(self.name, text)
        if not MIN_WEIGHT <= value <= MAX_WEIGHT:
            detail = f"column {self.name!r}, value {shown(text)}"
            raise RowError(f"a weight must be from {MIN_WEIGHT:g} to {MAX_WEIGHT:g}", detail)
        return text if PLAIN_NUMBER.fullmatch(text) else repr(value)


def parse_number(column: str, text: str, *, shown_as: str = "") -> float:
    """Read a finite decimal number; unlike `float`, take neither underscores nor other digits.

    Args:
        column: its name, for the reason.
        text: the number.
        shown_as: the text that the reason shows, where it is another.

    Raises:
        RowError: The text is no number, or none that is finite.
    """
    detail = f"column {column!r}, value {shown(shown_as or text)}"
    if NOT_FINITE_PATTERN.fullmatch(text):
        raise RowError("NaN or infinite", detail)
    if not NUMBER_PATTERN.fullmatch(text):
        raise RowError("not a number", detail)
    if math.isinf(value := float(text)):
        raise RowError("NaN or infinite", detail)
    return value
