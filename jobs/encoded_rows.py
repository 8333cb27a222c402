"""The rows that `preprocess.py` wrote, read back as arrays, chunk by chunk."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from container import JobError
from decimals import NEWLINE, parse_decimals
from kinds import MAX_WEIGHT, MIN_WEIGHT, RowError, parse_number, shown
from moments import Floats
from numpy.typing import NDArray
from objects import list_objects
from problem import HAS_ROW_WEIGHTS
from rows import CATEGORIES, FEATURES, LABEL_CELLS, LABEL_COLUMNS, NUMBER_FEATURES, NUMBERS
from threads import in_threads

CELLS = LABEL_CELLS + len(FEATURES)
CHUNK_ROWS = 65_536
CHUNK_VALUES = 2**20  # Of wide rows a chunk has fewer.
BLOCK_BYTES = 4 * 1024 * 1024
ABSENT = ("", "nan")  # As `rows.py` writes a missing value.
Made = TypeVar("Made")
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


class Lines(NamedTuple):
    """Some whole lines of a file, each with its newline; `first` is the number of the first."""

    name: str
    first: int
    text: bytes


def read_chunks(test_dir: Path) -> Iterator[Chunk]:
    """Yield the rows of every file, sorted by name; skip names that start with . or _.

    Raises:
        JobError: There is no such folder, or a file is not as `preprocess.py` writes it.
    """
    return read_tables(test_dir, "--test-dir", chunk_of)


def chunk_of(table: Table) -> Chunk:
    """Return what is judged of some rows."""
    return Chunk(
        actual=table.rows[:, 0].copy(),  # A view would keep the whole table.
        features=table.rows[:, 1:].astype(np.float32),
        values=values_of(table.rows),
        weights=table.weights if HAS_ROW_WEIGHTS else None,
    )


def read_tables(folder: Path, flag: str, made: Callable[[Table], Made]) -> Iterator[Made]:
    """Yield what is made of the rows of every file, chunk by chunk, which threads parse.

    Args:
        folder: holds the files, as for `read_chunks`.
        flag: the argument that named it.
        made: is given rows in double precision.

    Raises:
        JobError: There is no such folder, or a file is not as `preprocess.py` writes it.
    """

    def parsed(lines: Lines) -> Made | None:
        table = parse_table(lines)
        return made(table) if len(table.rows) else None

    for found in in_threads(parsed, read_lines(folder, flag)):
        if found is not None:
            yield found


def read_lines(folder: Path, flag: str) -> Iterator[Lines]:
    """Yield the lines of every file, those of a chunk at a time.

    Raises:
        JobError: There is no such folder.
    """
    if not folder.is_dir():
        raise JobError(f"the folder {folder} does not exist; check {flag}")
    rows = min(CHUNK_ROWS, max(CHUNK_VALUES // CELLS, 1))
    for name, path in list_objects(folder):
        first, rest = 1, b""
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                text = rest + block
                start = 0
                for end in (line_ends(text)[rows - 1 :: rows] + 1).tolist():
                    yield Lines(name, first, text[start:end])
                    first, start = first + rows, end
                rest = text[start:]
        if rest:
            yield Lines(name, first, rest if rest.endswith(b"\n") else rest + b"\n")


def line_ends(text: bytes) -> NDArray[np.int64]:
    """Return where the newlines of a text stand."""
    return np.flatnonzero(np.frombuffer(text, np.uint8) == NEWLINE)


def parse_table(lines: Lines) -> Table:
    """Parse lines; those that are blank are left out.

    Raises:
        JobError: A line is not a row; the text names it.
    """
    cells = cells_of(lines.text)
    if cells is not None:
        table = divided(cells)
        weights = np.ones(0) if table.weights is None else table.weights
        if are_rows(table.rows) and ((weights >= MIN_WEIGHT) & (weights <= MAX_WEIGHT)).all():
            return table
    find_fault(lines)
    raise JobError(f"{lines.name} from line {lines.first} on is not as preprocess.py writes rows")


def divided(cells: Floats) -> Table:
    """Part the weights, where there are any, from the labels and the features."""
    if LABEL_CELLS == 1:
        return Table(cells, None)
    return Table(np.delete(cells, 1, axis=1), cells[:, 1].copy())


def cells_of(text: bytes) -> Floats | None:
    """Return the numbers of lines, those that are blank left out; None where some are no rows."""
    cells = parse_decimals(text, CELLS)
    return load_cells(text) if cells is None else cells


def load_cells(text: bytes) -> Floats | None:
    """Do so in any form that numpy reads.

    That is slower, and takes blank lines and spaces beside a number.
    """
    lines = [*map(filled, as_text(text))]
    if not any(map(str.strip, lines)):
        return np.zeros((0, CELLS))
    try:
        cells = np.loadtxt(lines, delimiter=",", comments=None, ndmin=2)
    except ValueError:
        return None
    return cells if cells.shape[1] == CELLS else None


def as_text(text: bytes) -> io.StringIO:
    """Return the lines of a text, whatever ends them."""
    return io.StringIO(text.decode("utf-8", "backslashreplace"), newline=None)


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


def find_fault(lines: Lines) -> None:
    """Go through the lines one by one, which is slow but knows the line.

    Raises:
        JobError: A line is not a row.
    """
    for number, line in enumerate(as_text(lines.text), lines.first):
        try:
            if line.strip():
                check_row(line.split(","))
        except RowError as error:
            raise JobError(f"{lines.name} line {number}: {error}") from error


def check_row(fields: Sequence[str]) -> None:
    """Check the fields of one row.

    Raises:
        RowError: There are too many or too few, or one is wrong.
    """
    if len(fields) != CELLS:
        raise RowError("wrong number of columns", f"{len(fields)} instead of {CELLS}")
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
