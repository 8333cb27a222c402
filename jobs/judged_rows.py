"""Rows that are kept, as one model's metrics look at them: all of them, or by a category's values.

A group is a value of a category, by its index, or 0 for all rows. Everything is yielded block by
block, and anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from kept_columns import Block, Column, KeptColumns
from metrics import Part
from moments import Floats
from numpy.typing import NDArray
from sorted_scores import ScoredRows, SortedScores, keys_of

ACTUAL, WEIGHTS = "actual", "weights"
HALF = 0.5

Places = NDArray[np.int64]


class Said(NamedTuple):
    """Of some rows the places of their classes and of those predicted.

    `truth` is the probability that the model gives a row's own class.
    """

    actual: Places
    said: Places
    truth: Floats
    weights: Floats | None


def value_column(category: int) -> str:
    """Return the name of the column that has which value of a category a row has, -1 for none."""
    return f"value {category}"


def score_columns(model: str, numbers: int) -> list[str]:
    """Return the names of the columns with what a model predicts, one for each number of a row."""
    return [model] if numbers == 1 else [f"{model} {place}" for place in range(numbers)]


@dataclass(frozen=True)
class JudgedRows:
    """The rows, and a model's predictions of them.

    Attributes:
        kept: the columns that this module names.
        folder: where there is room for as much again.
        model: whose predictions to take.
        classes: how many the label has; none where it is a number.
        numbers: how many are predicted for a row, in a column each; where they are several, the
            place of the largest and the probability of the row's own class are kept as well.
        is_weighted: whether the rows have weights.
        threshold: where one number is predicted, from which on a row counts as of the last class.
    """

    kept: KeptColumns
    folder: Path
    model: str
    classes: int
    numbers: int
    is_weighted: bool
    threshold: float = HALF

    def weights(self, block: Block) -> Floats | None:
        """Return the weights of a block."""
        return block.read(WEIGHTS) if self.is_weighted else None

    def predicted(self) -> Iterator[Floats]:
        """Yield the one number that stands for each row: of several classes the predicted one."""
        name = self.model if self.numbers == 1 else f"{self.model} said"
        for block in self.kept.blocks():
            yield block.read(name).astype(np.float64)

    def counts(self, category: int) -> list[int]:
        """Return how many rows have each value of a category."""
        counts = np.zeros(0, np.int64)
        for block in self.kept.blocks():
            values = block.read(value_column(category))
            more = np.bincount(values[values >= 0], minlength=len(counts))
            more[: len(counts)] += counts
            counts = more
        found: list[int] = counts.tolist()
        return found

    def parts(self, category: int | None = None) -> Iterator[tuple[int, Part]]:
        """Yield labels and predictions of one number."""
        for block in self.kept.blocks():
            weights = self.weights(block)
            columns = [block.read(ACTUAL), block.read(self.model).astype(np.float64)]
            for group, rows in groups(block, category):
                actual, predicted = (column[rows] for column in columns)
                yield group, Part(actual, predicted, None if weights is None else weights[rows])

    def said(self, category: int | None = None) -> Iterator[tuple[int, Said]]:
        """Yield which classes are predicted."""
        for block in self.kept.blocks():
            actual = block.read(ACTUAL).astype(np.int64)
            said, truth = self._said(block, actual)
            weights = self.weights(block)
            for group, rows in groups(block, category):
                held = None if weights is None else weights[rows]
                yield group, Said(actual[rows], said[rows], truth[rows], held)

    def _said(self, block: Block, actual: Places) -> tuple[Places, Floats]:
        if self.numbers > 1:
            said = block.read(f"{self.model} said").astype(np.int64)
            return said, block.read(f"{self.model} truth").astype(np.float64)
        probability = block.read(self.model).astype(np.float64)
        said = (probability >= self.threshold).astype(np.int64)
        return said, np.where(actual == 1, probability, 1 - probability)

    def scored(self, place: int, category: int | None = None) -> Iterator[ScoredRows]:
        """Yield the rows by their scores for a class.

        Of two classes that share a number, the first one's score is 1 less that, which is the
        number's order reversed.
        """
        is_shared = self.numbers == 1
        name = self.model if is_shared else f"{self.model} {place}"
        for block in self.kept.blocks():
            values = None if category is None else block.read(value_column(category))
            rows = slice(None) if values is None else np.flatnonzero(values >= 0)
            weights = self.weights(block)
            keys = keys_of(
                block.read(name)[rows],
                0 if values is None else values[rows],
                falling=is_shared and place == 0,
            )
            held = None if weights is None else weights[rows]
            yield ScoredRows(keys, block.read(ACTUAL)[rows] == place, held)

    def sorted(self, place: int, category: int | None = None) -> SortedScores:
        """Sort the rows by their scores for a class."""
        return SortedScores(self.folder, self.scored(place, category), self.kept.block_rows)


def groups(block: Block, category: int | None) -> Iterator[tuple[int, slice | Column]]:
    """Yield which rows of a block are of each group that it has rows of, in their order."""
    if category is None:
        yield 0, slice(None)
        return
    values = block.read(value_column(category))
    order = np.argsort(values, kind="stable")
    present, starts = np.unique(values[order], return_index=True)
    for value, rows in zip(present.tolist(), np.split(order, starts[1:]), strict=True):
        if value >= 0:
            yield value, rows
