"""By what rows are split, where it is not each by itself: by group, by time, or by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from categories import Category
from cells import Column, ColumnsError, RowError
from dates import Date

TRAIN, VALIDATION, TEST = range(3)


class Rule(Protocol):
    """What both rules by a column have."""

    @property
    def name(self) -> str:
        """The column that decides."""

    def check(self, columns: Sequence[Column], label: str) -> None:
        """Raise ColumnsError unless the columns have such a column."""

    def key(self, column: Column, text: str) -> str:
        """Return by what the row with such a text is split; nothing for the row itself."""

    def split_of(self, key: str) -> int | None:
        """Return the number of the split of a key; None where its hash decides."""


@dataclass(frozen=True)
class ByGroup:
    """Rows that have the same text in a column stand in one split; without a text, each alone."""

    name: str

    def check(self, columns: Sequence[Column], label: str) -> None:
        """Check that the column is there.

        Raises:
            ColumnsError: It is not, or is the label.
        """
        check_name(self.name, columns, label)

    def key(self, column: Column, text: str) -> str:
        """Return the text."""
        is_missing = text.lower() in {one.lower() for one in column.missing}
        return "" if is_missing else text.replace("\t", " ")

    def split_of(self, _key: str) -> int | None:
        """Leave it to the hash of the key."""
        return None


@dataclass(frozen=True)
class ByTime:
    """Rows before a time are trained on, the later ones validated with, the last ones tested with.

    Attributes:
        name: of a `Date`.
        validation_from: the first time of the validation rows, in ISO's form.
        test_from: the first time of the test rows.
    """

    name: str
    validation_from: str
    test_from: str

    def check(self, columns: Sequence[Column], label: str) -> None:
        """Check that the column is a date, and the times in order.

        Raises:
            ColumnsError: One is not.
        """
        column = check_name(self.name, columns, label)
        if not isinstance(column, Date):
            raise ColumnsError(f"columns.py: SPLIT = ByTime({self.name!r}): must name a Date")
        try:
            is_ordered = self.bounds[0] < self.bounds[1]
        except ValueError:
            is_ordered = False
        if not is_ordered:
            raise ColumnsError(
                f"columns.py: SPLIT = ByTime({self.name!r}, {self.validation_from!r}, "
                f"{self.test_from!r}): must be two times such as '2026-01-31', the earlier first"
            )

    @cached_property
    def bounds(self) -> tuple[str, str]:
        """Both times as keys."""
        reader = Date(self.name)
        times = [reader.read(text) for text in (self.validation_from, self.test_from)]
        return times[0].isoformat(), times[1].isoformat()

    def key(self, column: Column, text: str) -> str:
        """Return the time in a form that sorts.

        Raises:
            RowError: There is none.
        """
        if not isinstance(column, Date) or text.lower() in {one.lower() for one in column.missing}:
            raise RowError("no time to split by", f"column {self.name!r}, value {text!r}")
        return column.read(text).isoformat()

    def split_of(self, key: str) -> int | None:
        """Return the split of a time."""
        validation_from, test_from = self.bounds
        return TRAIN if key < validation_from else VALIDATION if key < test_from else TEST


@dataclass(frozen=True)
class ByLabel:
    """Every class has its share of each split, however few its rows are; see `levels.py`."""

    def check(self, columns: Sequence[Column], label: str) -> None:
        """Check that the label is of classes.

        Raises:
            ColumnsError: It is not.
        """
        if not any(column.name == label and isinstance(column, Category) for column in columns):
            raise ColumnsError(
                "columns.py: SPLIT = ByLabel(): is for classes; leave it out of a regression"
            )


def check_name(name: str, columns: Sequence[Column], label: str) -> Column:
    """Return the column of that name.

    Raises:
        ColumnsError: There is none, or it is the label.
    """
    column = next((column for column in columns if column.name == name), None)
    if column is None or name == label:
        names = ", ".join(column.name for column in columns if column.name != label)
        raise ColumnsError(f"columns.py: SPLIT names {name!r}: must be one of {names}")
    return column
