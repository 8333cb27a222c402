"""The captured calls of a window: files of JSON lines, counted without being kept.

A line is what SageMaker's data capture writes of a call:

    {"captureData": {"endpointInput": {"observedContentType": "text/csv", "mode": "INPUT",
                                       "data": "0.455,...", "encoding": "CSV"},
                     "endpointOutput": {...}},
     "eventMetadata": {"eventId": "...", "inferenceId": "...",
                       "inferenceTime": "2026-11-23T08:00:00Z"}, "eventVersion": "0"}

Either part can be left out. What cannot be read is counted by its reason; nothing a caller sends
makes the job fail.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from column_counts import CategoryCounts, NumberCounts, Quality, flagged
from payloads import PayloadError, Row, predictions_of, rows_of
from pieces import Piece, blocks_of
from usual_calls import Usual, columns_of, read_block

BATCH_ROWS = 8192
NO_CAPTURE = "no line of a capture"

MAX_KINDS = 50  # Of reasons that are told apart; callers can send any.
OTHERS = "other reasons"

Truth = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Expected:
    """What calls are compared with, and which of them count.

    Attributes:
        baseline: as `baseline.py` describes it.
        since: the first second that counts, such as 2026-11-23T08:00:00Z; empty for all.
        until: the first that counts no more; empty for all.
        truth: the labels of a call's rows, by its id.
    """

    baseline: Mapping[str, Any]
    since: str = ""
    until: str = ""
    truth: Truth = field(default_factory=dict)

    @property
    def columns(self) -> Sequence[str]:
        """The names of the model's columns, in their order."""
        names: Sequence[str] = self.baseline["columns"]
        return names

    @property
    def answer_numbers(self) -> int:
        """How many numbers an answer has for a row: one for each of more than two classes."""
        classes = len(self.baseline.get("classes") or ())
        return classes if classes > len("01") else 1

    @property
    def numbers(self) -> list[Mapping[str, Any]]:
        """The columns of numbers."""
        return [one for one in self.baseline["features"] if one["kind"] == "number"]

    @property
    def categories(self) -> list[Mapping[str, Any]]:
        """The categories."""
        return [one for one in self.baseline["features"] if one["kind"] == "category"]


@dataclass
class Calls:
    """What was counted of calls; it can be joined with more.

    Attributes:
        captures: lines that count, of calls within the window.
        elsewhen: lines of calls before or after it.
        unreadable: lines or parts that cannot be read, by reason.
        hours: captures by hour, such as 2026-11-23T08.
        rows: that have as many columns as the model.
        misshapen: rows that have not.
        truths: calls whose truth was put and fits.
        misfits: calls whose truth holds another number of labels than they had rows.
    """

    numbers: list[NumberCounts]
    categories: list[CategoryCounts]
    predictions: NumberCounts
    captures: int = 0
    elsewhen: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    hours: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    misshapen: int = 0
    quality: Quality = field(default_factory=Quality)
    truths: int = 0
    misfits: int = 0

    @classmethod
    def none(cls, expected: Expected) -> Calls:
        """Begin without calls."""
        return cls(
            [NumberCounts.like(column) for column in expected.numbers],
            [CategoryCounts.like(column) for column in expected.categories],
            NumberCounts.like(expected.baseline["predictions"]),
        )

    def join(self, other: Calls) -> None:
        """Add what another counted."""
        for mine, its in zip(self.numbers, other.numbers, strict=True):
            mine.join(its)
        for group, its_group in zip(self.categories, other.categories, strict=True):
            group.join(its_group)
        self.predictions.join(other.predictions)
        self.quality.join(other.quality)
        self.captures += other.captures
        self.elsewhen += other.elsewhen
        self.rows += other.rows
        self.truths += other.truths
        self.misfits += other.misfits
        self.unreadable.update(other.unreadable)
        self.hours.update(other.hours)
        self.misshapen += other.misshapen


def count_pieces(pieces: Iterable[Piece], expected: Expected) -> Calls:
    """Count the calls of pieces."""
    counting = Counting(expected)
    for piece in pieces:
        for block in blocks_of(piece):
            counting.add_block(block)
    return counting.finished()


class Counting:
    """Counts calls block by block, and their columns batch by batch."""

    def __init__(self, expected: Expected) -> None:
        """Begin without calls."""
        self.expected, self.calls = expected, Calls.none(expected)
        self.columns = expected.columns
        self.width = len(self.columns)
        self.number_names = frozenset(one["name"] for one in expected.numbers)
        places = {name: index for index, name in enumerate(self.columns)}
        self.number_places = [places[one["name"]] for one in expected.numbers]
        self.flag_places = [
            [places[name] for name in one["columns"]] for one in expected.categories
        ]
        self.usual: list[Usual] = []
        self.waiting: list[Row] = []
        self.predicted: list[float] = []

    def add_block(self, block: bytes) -> None:
        """Count a block of whole lines."""
        usual, others = read_block(block) if not self.expected.truth else ([], block.split(b"\n"))
        for line in others:
            self.add_any(line)
        self.usual += usual
        if len(self.usual) >= BATCH_ROWS:
            self.count_usual()

    def count_usual(self) -> None:
        """Count the usual calls that wait: a row each, and a prediction."""
        calls, self.usual = self.within(self.usual), []
        rows = [call[0] for call in calls]
        columns = columns_of(rows, self.width)
        if columns is not None:
            self.count_columns(columns, len(rows))
        else:
            self.waiting += [row.decode().split(",") for row in rows]
        self.predicted += [float(call[1]) for call in calls]
        self.count_batch()

    def within(self, calls: list[Usual]) -> list[Usual]:
        """Count usual calls by their time, and return those in the window."""
        times = [call[2] for call in calls]
        since, until = self.expected.since.encode(), self.expected.until.encode()
        if times and since <= min(times) and (not until or max(times) < until):
            for hour, number in Counter(time[:13] for time in times).items():
                self.calls.hours[hour.decode()] += number
            self.calls.captures += len(times)
            return calls
        return [call for call in calls if self.counts(call[2].decode())]

    def counts(self, time: str) -> bool:
        """Count a call by its time; return whether it is in the window."""
        expected, calls = self.expected, self.calls
        if time < expected.since or (expected.until and time >= expected.until):
            calls.elsewhen += 1
            return False
        calls.captures += 1
        calls.hours[time[:13]] += 1
        return True

    def add_any(self, line: bytes) -> None:
        """Count a line of any form."""
        try:
            record = json.loads(line)
            data, metadata = record["captureData"], record["eventMetadata"]
            time = metadata["inferenceTime"]
            given, answered = data.get("endpointInput"), data.get("endpointOutput")
            is_within = self.counts(time)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            if line.strip():
                self.count_unreadable(NO_CAPTURE)
            return
        if not is_within:
            return
        rows = self.read_rows(given) if given is not None else []
        predicted = self.read_predictions(answered) if answered is not None else []
        if self.expected.truth:
            self.join_truth(metadata, rows, predicted)
        self.waiting += rows
        self.predicted += predicted
        if max(len(self.waiting), len(self.predicted)) >= BATCH_ROWS:
            self.count_batch()

    def read_rows(self, part: Any) -> list[Row]:
        """Return the rows of a request; none, and count why, where it cannot be read."""
        try:
            return rows_of(part, self.columns, self.number_names)
        except (PayloadError, AttributeError) as error:
            self.count_unreadable(reason(error))
            return []

    def read_predictions(self, part: Any) -> list[float]:
        """Return the predictions of an answer; none, and count why, where it cannot be read."""
        try:
            return predictions_of(part, self.expected.answer_numbers)
        except (PayloadError, AttributeError) as error:
            self.count_unreadable(reason(error))
            return []

    def count_unreadable(self, why: str) -> None:
        """Count what cannot be read; of many reasons, the later ones as one."""
        unreadable = self.calls.unreadable
        unreadable[why if why in unreadable or len(unreadable) < MAX_KINDS else OTHERS] += 1

    def join_truth(
        self, metadata: Mapping[str, Any], rows: Sequence[Row], predicted: Sequence[float]
    ) -> None:
        """Count the errors of a call whose truth is known."""
        actual = self.expected.truth.get(str(metadata.get("inferenceId", metadata.get("eventId"))))
        if actual is None:
            return
        if len(actual) != len(predicted):
            self.calls.misfits += 1
            return
        self.calls.truths += 1
        for index, (label, prediction) in enumerate(zip(actual, predicted, strict=True)):
            values = self.values_of(rows[index]) if len(rows) == len(predicted) else {}
            # Of classes there is no distance but that they are the same, or not.
            is_of_classes = self.expected.answer_numbers > 1
            pair = (float(label != prediction), 0.0) if is_of_classes else (label, prediction)
            self.calls.quality.add(*pair, values)

    def values_of(self, row: Row) -> dict[str, str]:
        """Return the values of a row's categories, of those that can be told."""
        if len(row) != self.width:
            return {}
        found = {}
        for column, places in zip(self.expected.categories, self.flag_places, strict=True):
            place = flagged([row[index] for index in places])
            if place is not None and place >= 0:
                found[column["name"]] = [*column["counts"]][place]
        return found

    def count_batch(self) -> None:
        """Count the columns of the rows that wait."""
        rows = [row for row in self.waiting if len(row) == self.width]
        self.calls.misshapen += len(self.waiting) - len(rows)
        if rows:
            self.count_columns([*zip(*rows, strict=True)], len(rows))
        self.calls.predictions.add_numbers(self.predicted, [1] * len(self.predicted))
        self.waiting, self.predicted = [], []

    def count_columns(self, columns: Sequence[Sequence[str]], rows: int) -> None:
        """Count the columns of so many rows."""
        calls = self.calls
        calls.rows += rows
        for counts, place in zip(calls.numbers, self.number_places, strict=True):
            counts.add_texts(columns[place])
        for group, places in zip(calls.categories, self.flag_places, strict=True):
            group.add_texts(zip(*(columns[place] for place in places), strict=True))

    def finished(self) -> Calls:
        """Count what still waits, and return everything."""
        self.count_usual()
        self.count_batch()
        return self.calls


def reason(error: Exception) -> str:
    """Return by what an unreadable part is counted."""
    return str(error) if isinstance(error, PayloadError) else "a part that is no object"
