"""Columns of numbers: what a number may look like, and the cell that it becomes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from cells import Column, RowError, shown

MAX_COUNT = 999_999_999
# A number in one of these forms is passed on as it is written; any other is normalized first.
PLAIN_NUMBER = re.compile(r"[0-9]{1,9}\.?[0-9]{0,20}")
PLAIN_SIGNED = re.compile(r"-?[0-9]{1,9}\.?[0-9]{0,20}")
PLAIN_COUNT = r"[1-9][0-9]{0,8}"
NUMBER_PATTERN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
NOT_FINITE_PATTERN = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


@dataclass(frozen=True)
class Number(Column):
    """A finite number, of at least 0 if not `signed`."""

    signed: bool = False

    @property
    def value_pattern(self) -> str:
        """Match a number that is passed on as it is written."""
        return (PLAIN_SIGNED if self.signed else PLAIN_NUMBER).pattern

    @property
    def is_copied(self) -> bool:
        """Tell that it is."""
        return True

    def encode_value(self, text: str) -> str:
        """Return the number as it is written if plain, else in Python's shortest form."""
        if (PLAIN_SIGNED if self.signed else PLAIN_NUMBER).fullmatch(text):
            return text
        value = parse_number(self.name, text)
        if value < 0 and not self.signed:
            raise RowError("negative", f"column {self.name!r}, value {shown(text)}")
        return repr(value + 0.0)  # The sum makes 0.0 of -0.0, which is not below 0.


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
