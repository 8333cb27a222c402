"""The rows that `preprocess.py` wrote, read back as arrays, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path

import numpy as np
from columns import LABEL
from container import JobError
from kinds import RowError, parse_number, shown
from metrics import Floats
from numpy.typing import NDArray
from objects import list_objects
from rows import CATEGORIES, FEATURES, NUMBER_FEATURES, NUMBERS

CHUNK_ROWS = 65_536
ABSENT = ("", "nan")  # As `rows.py` writes a missing value.
MAX_NUMBER = float(np.finfo(np.float32).max)  # XGBoost computes with single precision.


@dataclass(frozen=True)
class Chunk:
    """Some test rows.

    `values` has a column for each of `CATEGORIES`: which of its values the row has, by index, -1
    for none. A feature without a value is NaN.
    """

    actual: Floats
    features: NDArray[np.float32]
    values: NDArray[np.int32]


def read_chunks(test_dir: Path) -> Iterator[Chunk]:
    """Yield the rows of every file, sorted by name; skip names that start with . or _.

    Raises:
        JobError: There is no such folder, or a file is not as `preprocess.py` writes it.
    """
    for table in read_tables(test_dir, "--test-dir"):
        yield Chunk(
            actual=table[:, 0].copy(),  # A view would keep the whole table.
            features=table[:, 1:].astype(np.float32),
            values=values_of(table),
        )


def read_tables(folder: Path, flag: str) -> Iterator[Floats]:
    """Yield the rows of every file as `read_chunks` does, in double precision, the label first.

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


def parse_table(name: str, first_line: int, lines: Sequence[str]) -> Floats:
    """Parse lines that are not all blank.

    Raises:
        JobError: A line is not a row; the text names it.
    """
    table = load_table(lines)
    if table is None or not are_rows(table):
        find_fault(name, first_line, lines)
        raise JobError(f"{name} from line {first_line} on is not as preprocess.py writes rows")
    return table


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
    """Return of each column of a row, the label first, whether it may be missing."""
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
    if table.shape[1] != 1 + len(FEATURES):
        return False
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
    columns = (LABEL, *FEATURES)
    if len(fields) != len(columns):
        raise RowError("wrong number of columns", f"{len(fields)} instead of {len(columns)}")
    texts = [field.strip() for field in fields]
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
