"""Find what XGBoost's text reader took for something else than what stands in a file.

It reads the number at the beginning of a cell and nothing of what follows, and a cell that begins
otherwise is missing. So do jobs on SageMaker, without a word; here a few sentences tell.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import isnan, nan
from pathlib import Path
from typing import Any, Final

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from pocketaws.sagemaker.xgboost.files import ChannelFiles

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BLOCK_BYTES: Final = 512 * 1024
# Of a channel with more odd rows than these, the rest is not looked at.
_MAX_ODD_ROWS: Final = 20_000
# XGBoost's own reading of a number is off by less (one unit in the last place of 24 bits), and its
# least number is about this.
_TOLERANCE: Final = 1e-6
_SMALLEST: Final = 2e-38
_LINE_ENDS: Final = re.compile(rb"\r\n|\n|\r")
# A number that XGBoost reads as it stands, or an empty cell, which is missing.
_PLAIN_NUMBER: Final = (
    rb"[-+]?+(?:\d{1,17}+(?:\.\d{0,17}+)?+|\.\d{1,17}+)(?:[eE][-+]?+[01]?\d)?+(?![\d.eE])"
)
# All digits are alike for that, but in an exponent.
_ALIKE: Final = bytes.maketrans(b"123456789", b"0" * 9)
_MAX_FORM_BYTES: Final = 8 * 1024**2
_NOT_A_NUMBER: Final = rb"[nN][aA][nN]"
_OF_NUMBERS: Final = "0123456789+-.eEnNaA"
_LIBSVM_LINE: Final = re.compile(
    r"\s*[-+.\deE]+(?::[-+.\deE]+)?(?:\s+qid:\d+)?(?:\s+\d+:[-+.\deE]+)*\s*(?:#.*)?\s*", re.ASCII
)


@dataclass(frozen=True)
class Table:
    """A matrix that was read from CSV files; rows are in the order of the files' lines."""

    delimiter: str
    matrix: xgb.DMatrix
    is_weighted: bool

    @cached_property
    def first_feature(self) -> int:
        """The column of a file in which the features begin."""
        return 2 if self.is_weighted else 1

    @cached_property
    def columns(self) -> int:
        """How many columns a line has if all of it was read."""
        return self.first_feature + int(self.matrix.num_col())

    def read_row(self, index: int) -> NDArray[np.float64]:
        """Return what was read: label, weight and features; NaN for what is missing."""
        read = np.full(self.columns, nan)
        read[0] = self._labels[index]
        if self.is_weighted and len(self._weights) == len(self._labels):
            read[1] = self._weights[index]
        cells = slice(self._cells.indptr[index], self._cells.indptr[index + 1])
        read[self.first_feature + self._cells.indices[cells]] = self._cells.data[cells]
        return read

    @cached_property
    def _labels(self) -> NDArray[np.float32]:
        labels: NDArray[np.float32] = self.matrix.get_label()
        return labels

    @cached_property
    def _weights(self) -> NDArray[np.float32]:
        weights: NDArray[np.float32] = self.matrix.get_weight()
        return weights

    @cached_property
    def _cells(self) -> Any:
        """The features, as SciPy's rows of what is not missing."""
        return self.matrix.get_data()


@dataclass
class _Misread:
    """One way in which rows or cells were misread: how often, and the first of them."""

    count: int = 0
    first: str = ""

    def add(self, text: str) -> None:
        self.count += 1
        self.first = self.first or text


@dataclass
class _Findings:
    """What was found so far in the files of a channel."""

    table: Table
    rows: int = 0
    odd_rows: int = 0
    cells: _Misread = field(default_factory=_Misread)
    headers: _Misread = field(default_factory=_Misread)
    lengths: _Misread = field(default_factory=_Misread)

    def look(self, line: str, place: str) -> None:
        """Compare a line with the row that was read from it."""
        self.odd_rows += 1
        cells = line.split(self.table.delimiter)
        read = self.table.read_row(self.rows)
        if len(cells) != self.table.columns:
            self.lengths.add(f"{place} has {len(cells)}")
        numbers = [_number(cell) for cell in cells]
        if all(number is None or isnan(number) for number in numbers) and None in numbers:
            self.headers.add(place)
            return
        for index, (number, value) in enumerate(zip(numbers, read.tolist(), strict=False)):
            if not _agrees(number, value):
                text = "missing" if isnan(value) else f"{value:g}"
                self.cells.add(f"{cells[index]!r} in column {index + 1} of {place} as {text}")

    def sentences(self) -> Iterator[str]:
        """Say what was found, one kind a sentence."""
        at_least = "at least " if self.odd_rows > _MAX_ODD_ROWS else ""
        if self.headers.count:
            yield (
                f"{at_least}{self.headers.count} rows hold no number, as a header line does, and "
                f"were read as rows of label 0 without features; the first is {self.headers.first}"
            )
        if self.cells.count:
            yield (
                f"{at_least}{self.cells.count} cells were read as something else than what stands "
                f"there: the first, {self.cells.first}"
            )
        if self.lengths.count:
            yield (
                f"{at_least}{self.lengths.count} rows have not the {self.table.columns} columns "
                f"that were read: what a row lacks is missing, and an empty cell at its end is no "
                f"feature; the first, {self.lengths.first}"
            )


def row_forms(files: ChannelFiles) -> set[bytes] | None:
    """Return the rows of a channel's files with all digits alike, each of them once.

    That needs no matrix, so it can be found while XGBoost reads one.

    Returns:
        None where there are too many, or where they do not say all.
    """
    forms: set[bytes] = set()
    for path in files.paths:
        for _, block in _blocks(path):
            is_blank = b"\n\n" in block or block.startswith(b"\n")
            row_bytes = len(block) // block.count(b"\n")
            is_much = len(forms) * row_bytes > _MAX_FORM_BYTES
            if is_blank or is_much or b"e" in block or b"E" in block:
                return None
            forms.update(block.translate(_ALIKE).split(b"\n")[:-1])
    return forms


def of_csv(files: ChannelFiles, table: Table, forms: set[bytes] | None = None) -> list[str]:
    """Return sentences about what was misread in the CSV files of a channel.

    Args:
        files: in the order in which they were read.
        table: what was read.
        forms: of the rows, where they are known.
    """
    findings, plain = _Findings(table), _plain_rows(table)
    if forms and plain is not None and plain.fullmatch(b"\n".join([*forms, b""])):
        return []
    for path in files.paths:
        for place, block in _blocks(path):
            if plain is not None and plain.fullmatch(block):
                findings.rows += block.count(b"\n")
                continue
            _look_closely(findings, block, files.name(path), place)
            if findings.odd_rows > _MAX_ODD_ROWS:
                return list(findings.sentences())
    return list(findings.sentences())


def _look_closely(findings: _Findings, block: bytes, name: str, line_number: int) -> None:
    for offset, line in enumerate(_LINE_ENDS.split(block)):
        if not line:
            continue
        if findings.rows >= findings.table.matrix.num_row():
            return
        text = line.decode("utf-8", "replace")
        findings.look(text, f"line {line_number + offset} of {name}")
        findings.rows += 1
        if findings.odd_rows > _MAX_ODD_ROWS:
            return


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file by the block, each with the number of its first line."""
    number, rest = 1, b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            if number == 1 and not rest:
                block = block.removeprefix(_BYTE_ORDER_MARK)
            whole, end, rest = (rest + block).rpartition(b"\n")
            if end:
                yield number, whole + end
                number += whole.count(b"\n") + 1
    if rest:
        yield number, rest + b"\n"


def _plain_rows(table: Table) -> re.Pattern[bytes] | None:
    """Return what matches rows that were read as they stand; None where none can be told so."""
    if table.delimiter in _OF_NUMBERS or not table.delimiter.isascii():
        return None
    spaces = rb"" if table.delimiter.isspace() else rb" *+"
    number = spaces + _PLAIN_NUMBER + spaces
    delimiter = re.escape(table.delimiter.encode())
    cell = delimiter + rb"(?:" + number + rb"|" + _NOT_A_NUMBER + rb")?+"
    weight = delimiter + number if table.is_weighted else rb""
    features = rb"(?:" + cell + rb"){%d}" % (table.columns - table.first_feature)
    return re.compile(rb"(?:" + number + weight + features + rb"\r?\n)*+")


def _number(cell: str) -> float | None:
    """Return the number that a reader would take a cell for: NaN for missing, None for none."""
    text = cell.strip()
    if not text:
        return nan
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def _agrees(number: float | None, value: float) -> bool:
    if number is None:
        return False
    if isnan(number) or isnan(value):
        return isnan(number) and isnan(value)
    return abs(number - value) <= max(_SMALLEST, _TOLERANCE * abs(number))


def of_libsvm(files: ChannelFiles) -> list[str]:
    """Return a sentence about the lines that XGBoost read as it could, being no libsvm."""
    odd = _Misread()
    for path in files.paths:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip() and not _LIBSVM_LINE.fullmatch(line):
                    odd.add(f"line {number} of {files.name(path)}: '{line.strip()[:50]}'")
    if not odd.count:
        return []
    text = (
        f"{odd.count} lines are not LABEL[:WEIGHT] [qid:GROUP] INDEX:VALUE …, of which XGBoost "
        f"takes what it can; the first, {odd.first}"
    )
    return [text]
