"""Counts of columns of calls, in the bins and categories of the baseline; they can be joined.

What is counted of a column does not grow with its rows, but for nothing: a text is counted, not
kept. Texts that are alike are looked at once a batch.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import add, mul
from typing import Any


@dataclass
class NumberCounts:
    """What calls held in a column of numbers.

    Attributes:
        edges: of the baseline's bins; a bin is closed above.
        bounds: the baseline's minimum and maximum.
        counts: of the numbers, by bin.
        missing: how many were empty or NaN.
        wrong: how many were no finite number.
        outside: how many numbers were below or above all of the baseline's.
    """

    name: str
    edges: Sequence[float]
    bounds: tuple[float, float]
    counts: list[int]
    missing: int = 0
    wrong: int = 0
    outside: int = 0
    total: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf

    @classmethod
    def like(cls, column: Mapping[str, Any]) -> NumberCounts:
        """Begin without rows, with the bins of a column of the baseline."""
        bounds = (column["minimum"], column["maximum"])
        return cls(column["name"], column["edges"], bounds, [0] * (len(column["edges"]) + 1))

    @property
    def rows(self) -> int:
        """How many numbers there were."""
        return sum(self.counts)

    def add_texts(self, texts: Iterable[str]) -> None:
        """Count a batch of texts."""
        counted = Counter(texts)
        try:
            values = [*map(float, counted)]
        except ValueError:
            counted = self.without_wrong(counted)
            values = [*map(float, counted)]
        self.add_numbers(values, [*counted.values()])

    def without_wrong(self, counted: Counter[str]) -> Counter[str]:
        """Count the texts that are no numbers, and return the others."""
        numbers: Counter[str] = Counter()
        for text, times in counted.items():
            if not text.strip():
                self.missing += times
            elif is_number(text):
                numbers[text] = times
            else:
                self.wrong += times
        return numbers

    def add_numbers(self, values: Sequence[float], times: Sequence[int]) -> None:
        """Count numbers, each with how often it came."""
        if not all(map(math.isfinite, values)):
            values, times = self.finite(values, times)
        if not values:
            return
        counts, (low, high) = self.counts, self.bounds
        for place, number in zip(map(partial(bisect_left, self.edges), values), times, strict=True):
            counts[place] += number
        self.total = reduce(add, map(mul, values, times), self.total)
        least, greatest = min(values), max(values)
        if least < low or greatest > high:
            pairs = zip(values, times, strict=True)
            self.outside += sum(number for value, number in pairs if not low <= value <= high)
        self.minimum, self.maximum = min(self.minimum, least), max(self.maximum, greatest)

    def finite(
        self, values: Sequence[float], times: Sequence[int]
    ) -> tuple[list[float], list[int]]:
        """Count what is not finite, and return the others."""
        pairs = [*zip(values, times, strict=True)]
        self.missing += sum(number for value, number in pairs if math.isnan(value))
        self.wrong += sum(number for value, number in pairs if math.isinf(value))
        pairs = [pair for pair in pairs if math.isfinite(pair[0])]
        return [value for value, _ in pairs], [number for _, number in pairs]

    def join(self, other: NumberCounts) -> None:
        """Add what another counted."""
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        self.missing += other.missing
        self.wrong += other.wrong
        self.outside += other.outside
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)


def is_number(text: str) -> bool:
    """Tell whether a text is a number, finite or not."""
    try:
        float(text)
    except ValueError:
        return False
    return True


@dataclass
class CategoryCounts:
    """What calls held in a category, which a row has as a 0 or 1 for each of its values.

    Attributes:
        values: of the baseline.
        counts: by value.
        missing: how many rows had nothing there.
        unseen: how many had no 1: a value that the encoding does not know.
        wrong: how many had several, or something else.
    """

    name: str
    values: Sequence[str]
    counts: list[int]
    missing: int = 0
    unseen: int = 0
    wrong: int = 0

    @classmethod
    def like(cls, column: Mapping[str, Any]) -> CategoryCounts:
        """Begin without rows, with the values of a column of the baseline."""
        return cls(column["name"], [*column["counts"]], [0] * len(column["counts"]))

    @property
    def rows(self) -> int:
        """How many rows had a value, known or not."""
        return sum(self.counts) + self.unseen

    def add_texts(self, flags: Iterable[tuple[str, ...]]) -> None:
        """Count a batch of rows' flags."""
        for texts, times in Counter(flags).items():
            place = flagged(texts)
            if place is None:
                self.wrong += times
            elif place == _NONE:
                self.missing += times
            elif place == _UNSEEN:
                self.unseen += times
            else:
                self.counts[place] += times

    def join(self, other: CategoryCounts) -> None:
        """Add what another counted."""
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        self.missing += other.missing
        self.unseen += other.unseen
        self.wrong += other.wrong


_NONE, _UNSEEN = -1, -2
_ABSENT = ("", "nan")


def flagged(texts: Sequence[str]) -> int | None:
    """Return which flag is set; -1 for no values, -2 for zeros, None for else."""
    if all(text.strip().lower() in _ABSENT for text in texts):
        return _NONE
    try:
        values = [float(text) for text in texts]
    except ValueError:
        return None
    if any(value not in (0, 1) for value in values) or sum(values) > 1:
        return None
    return values.index(1) if 1 in values else _UNSEEN


@dataclass
class ErrorSums:
    """Sums over rows whose truth is known, from which the metrics follow."""

    rows: int = 0
    absolute: float = 0.0
    squared: float = 0.0
    actual: float = 0.0
    actual_squared: float = 0.0

    def add(self, actual: float, predicted: float) -> None:
        """Count a row."""
        error = actual - predicted
        self.rows += 1
        self.absolute += abs(error)
        self.squared += error * error
        self.actual += actual
        self.actual_squared += actual * actual

    def join(self, other: ErrorSums) -> None:
        """Add what another summed."""
        self.rows += other.rows
        self.absolute += other.absolute
        self.squared += other.squared
        self.actual += other.actual
        self.actual_squared += other.actual_squared

    def metrics(self) -> dict[str, float]:
        """Return mae, mse, rmse and, where the truth varies, r2, as `metrics.py` defines them."""
        mse = self.squared / self.rows
        spread = self.actual_squared / self.rows - (self.actual / self.rows) ** 2
        found = {"mae": self.absolute / self.rows, "mse": mse, "rmse": math.sqrt(mse)}
        return found | ({"r2": 1 - mse / spread} if spread > 0 else {})


@dataclass
class Quality:
    """Errors of all rows with a truth, and by the value of each category."""

    whole: ErrorSums = field(default_factory=ErrorSums)
    by_category: dict[str, dict[str, ErrorSums]] = field(default_factory=dict)

    def add(self, actual: float, predicted: float, values: Mapping[str, str]) -> None:
        """Count a row that has such values of the categories."""
        self.whole.add(actual, predicted)
        for name, value in values.items():
            groups = self.by_category.setdefault(name, {})
            groups.setdefault(value, ErrorSums()).add(actual, predicted)

    def join(self, other: Quality) -> None:
        """Add what another summed."""
        self.whole.join(other.whole)
        for name, groups in other.by_category.items():
            mine = self.by_category.setdefault(name, {})
            for value, sums in groups.items():
                mine.setdefault(value, ErrorSums()).join(sums)
