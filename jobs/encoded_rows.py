"""The rows that `preprocess.py` wrote, read back as arrays, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from container import JobError
from kinds import MAX_WEIGHT, MIN_WEIGHT, RowError, parse_number, shown
from metrics import Floats
from numpy.typing import NDArray
from objects import list_objects
from problem import HAS_ROW_WEIGHTS
from rows import CATEGORIES, FEATURES, LABEL_CELLS, LABEL_COLUMNS, NUMBER_FEATURES, NUMBERS

CHUNK_ROWS = 65_536
ABSENT = ("", "nan")  # As `rows.py` writes a missing value.
MAX_NUMBER = float(np.finfo(np.float32).max)  # XGBoost computes with single precision.


@dataclass(frozen=True)
class Chunk:
    """Some test rows.

    `values` has a column for each of `CATEGORIES`: which of its values the row has, by index, -1
    for none. A feature without a value is NaN. `weights` is None where no column has them: those
    of classes are of training alone.
    """

    actual: Floats
    features: NDArray[np.float32]
    values: NDArray[np.int32]
    weights: Floats | None = None


class Table(NamedTuple):
    """Some rows: the label and the features, and the weights where the rows have any."""

    rows: Floats
    weights: Floats | None


def read_chunks(test_dir: Path) -> Iterator[Chunk]:
    """Yield the rows of every file, sorted by name; skip names that start with . or _.

    Raises:
        JobError: There is no such folder, or a file is not as `preprocess.py` writes it.
    """
    for rows, weights in read_weighted(test_dir, "--test-dir"):
        yield Chunk(
            actual=rows[:, 0].copy(),  # A view would keep the whole table.
            features=rows[:, 1:].astype(np.float32),
            values=values_of(rows),
            weights=weights if HAS_ROW_WEIGHTS else None,
        )


def read_tables(folder: Path, flag: str) -> Iterator[Floats]:
    """Yield the rows of every file as `read_chunks` does, in double precision, the label first.

    Weights are left out.

    Raises:
        JobError: There is no such folder, or a file is not as `preprocess.py` writes it.
    """
    for rows, _ in read_weighted(folder, flag):
        yield rows


def read_weighted(folder: Path, flag: str) -> Iterator[Table]:
    """Yield the rows of every file with their weights.

    Args:
        folder: holds the files.
        flag: the argument that named it.

    Raises:
        JobError: There is no such folder, or a file is not as `preprocess.py` writes it.
    """
    if not folder.is_dir():
        raise JobError(f"the folder {folder} does not exist; check {flag}")
    for name, path in list_objects(folder):
        first_line = 1
        with path.open(encoding="utf-8", errors="backslashreplace") as file:
            while lines := list(islice(file, CHUNK_ROWS)):
                if any(map(str.strip, lines)):
                    yield parse_table(name, first_line, lines)
                first_line += len(lines)


def parse_table(name: str, first_line: int, lines: Sequence[str]) -> Table:
    """Parse lines that are not all blank.

    Raises:
        JobError: A line is not a row; the text names it.
    """
    cells = load_table(lines)
    if cells is not None and cells.shape[1] == LABEL_CELLS + len(FEATURES):
        weights = cells[:, 1:LABEL_CELLS]
        rows = np.delete(cells, 1, axis=1) if weights.size else cells
        if are_rows(rows) and ((weights >= MIN_WEIGHT) & (weights <= MAX_WEIGHT)).all():
            return Table(rows, weights[:, 0].copy() if weights.size else None)
    find_fault(name, first_line, lines)
    raise JobError(f"{name} from line {first_line} on is not as preprocess.py writes rows")


def load_table(lines: Sequence[str]) -> Floats | None:
    """Parse lines of numbers; return None if they are not as many on each, or not numbers."""
    try:
        return np.loadtxt(map(filled, lines), delimiter=",", comments=None, ndmin=2)
    except ValueError:
        return None


def filled(line: str) -> str:
    """Write nan into empty cells."""
    if ",," not in line and not line.startswith(","):
        return line
    return ",".join(cell or "nan" for cell in line.split(","))


def one_hot_columns() -> list[slice]:
    """Return where the 0s and the 1 of each of `CATEGORIES` stand in a row."""
    widths = (len(column.features) for column in CATEGORIES)
    ends = list(accumulate(widths, initial=1 + len(NUMBER_FEATURES)))
    return [slice(ends[index], ends[index + 1]) for index in range(len(CATEGORIES))]


def optional_columns() -> NDArray[np.bool_]:
    """Return of each column of a row without its weight, whether it may be missing."""
    return np.array(
        [False]
        + [column.may_be_missing for column in (*NUMBERS, *CATEGORIES) for _ in column.features]
    )


def values_of(table: Floats) -> NDArray[np.int32]:
    """Return which value of each of `CATEGORIES` the rows have, by index; -1 where none."""
    values = np.zeros((len(table), len(CATEGORIES)), np.int32)
    for index, columns in enumerate(one_hot_columns()):
        one_hot = table[:, columns]
        values[:, index] = np.where(np.isnan(one_hot[:, 0]), -1, one_hot.argmax(axis=1))
    return values


def are_rows(table: Floats) -> bool:
    """Tell whether all numbers are such as XGBoost can hold, and each category has one value."""
    missing = np.isnan(table)
    if missing[:, ~optional_columns()].any():
        return False
    for columns in one_hot_columns():
        one_hot, none = table[:, columns], missing[:, columns]
        is_one = ((one_hot == 0) | (one_hot == 1)).all(axis=1) & (one_hot.sum(axis=1) == 1)
        if not (is_one | none.all(axis=1)).all():
            return False
    return bool((missing | (np.abs(table) <= MAX_NUMBER)).all())


def find_fault(name: str, first_line: int, lines: Sequence[str]) -> None:
    """Go through the lines one by one, which is slow but knows the line.

    Raises:
        JobError: A line is not a row.
    """
    for number, line in enumerate(lines, first_line):
        try:
            if line.strip():
                check_row(line.split(","))
        except RowError as error:
            raise JobError(f"{name} line {number}: {error}") from error


def check_row(fields: Sequence[str]) -> None:
    """Check the fields of one row.

    Raises:
        RowError: There are too many or too few, or one is wrong.
    """
    if len(fields) != LABEL_CELLS + len(FEATURES):
        detail = f"{len(fields)} instead of {LABEL_CELLS + len(FEATURES)}"
        raise RowError("wrong number of columns", detail)
    texts = [field.strip() for field in fields]
    for text in texts[1:LABEL_CELLS]:
        if not MIN_WEIGHT <= parse_number("the weight", text) <= MAX_WEIGHT:
            raise RowError("no weight", f"value {shown(text)}")
    del texts[1:LABEL_CELLS]
    columns = (LABEL_COLUMNS[0], *FEATURES)
    optional = optional_columns()
    values = [
        math.nan if optional[at] and text in ABSENT else parse_number(columns[at], text)
        for at, text in enumerate(texts)
    ]
    for index, value in enumerate(values):
        if abs(value) > MAX_NUMBER:
            detail = f"column {columns[index]!r}, value {shown(texts[index])}"
            raise RowError("too large for XGBoost", detail)
    for place in one_hot_columns():
        flags = values[place]
        if not all(map(math.isnan, flags)) and sorted(flags) != [0] * (len(flags) - 1) + [1]:
            detail = f"value {shown(','.join(texts[place]))}"
            names = ", ".join(columns[place])
            raise RowError(f"exactly one of {names} must be 1, the others 0", detail)
