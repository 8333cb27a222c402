"""Some rows of a table of any size: all of a small file, evenly spread pieces of a large one."""

import csv
import gzip
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from workflow.errors import InputDataError

WHOLE_BYTES: Final = 4_000_000
PIECES: Final = 40
PIECE_BYTES: Final = 64_000
MAX_ROWS: Final = 8_000
_DELIMITERS: Final = ",;\t|"
_NUMBER: Final = re.compile(r"[+-]?[0-9]*[.,]?[0-9]+([eE][+-]?[0-9]+)?")
_COUNTED_BYTES: Final = 1 << 24
_PARQUET: Final = b"PAR1"
_GZIP: Final = b"\x1f\x8b"
_REFUSED: Final = {b"PK\x03\x04": "a zip or an Excel workbook", b"\xd0\xcf\x11\xe0": "Excel"}


@dataclass(frozen=True)
class Rows:
    """Some rows of a file.

    Attributes:
        names: of the columns, as the header has them.
        rows: texts, as many in each as there are names.
        count: of all rows of the file; about, where it is packed.
        has_header: whether the names stand in the file.
        decimal: what stands between a number's whole part and its fraction, a point or a comma.
    """

    names: list[str]
    rows: list[list[str]]
    count: int
    has_header: bool
    decimal: str = "."

    def column(self, place: int) -> list[str]:
        """Return the texts of a column."""
        return [row[place] for row in self.rows]


def read_rows(path: Path) -> Rows:
    """Read some rows of a CSV or Parquet file.

    Raises:
        InputDataError: it is no table.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(8)
            file.seek(0)
            if magic.startswith(_PARQUET):
                return _parquet(path)
            for begin, called in _REFUSED.items():
                if magic.startswith(begin):
                    raise InputDataError(f"{path}: is {called}; save the table as CSV UTF-8")
            if magic.startswith(_GZIP):
                with gzip.open(file) as stream:
                    text = _whole_lines(stream.read(WHOLE_BYTES))
                return _table(path, [text], text.count(b"\n"))
            size = path.stat().st_size
            return _table(path, list(_pieces(file, size)), _lines_of(file))
    except (OSError, EOFError) as error:
        raise InputDataError(f"{path}: cannot be read: {error}") from error


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    if size <= WHOLE_BYTES:
        yield file.read()
        return
    yield _whole_lines(file.read(PIECE_BYTES))
    for number in range(1, PIECES):
        file.seek(size * number // PIECES)
        file.readline()
        yield _whole_lines(file.read(PIECE_BYTES))


def _whole_lines(text: bytes) -> bytes:
    return text[: text.rfind(b"\n") + 1] or text


def _lines_of(file: IO[bytes]) -> int:
    file.seek(0)
    count, last = 0, b"\n"
    while chunk := file.read(_COUNTED_BYTES):
        count += chunk.count(b"\n")
        last = chunk
    return count + (not last.endswith(b"\n"))


def _table(path: Path, pieces: Sequence[bytes], lines: int) -> Rows:
    try:
        texts = [piece.decode("utf-8-sig") for piece in pieces]
    except UnicodeDecodeError as error:
        raise InputDataError(f"{path}: is no UTF-8 text ({error}); save it as CSV UTF-8") from error
    head = [line for line in texts[0].splitlines() if line.strip()][: len("xy")]
    if not head:
        raise InputDataError(f"{path}: is empty; give a table with a header and rows")
    delimiter = max(_DELIMITERS, key=lambda one: min(line.count(one) for line in head))
    read = [row for text in texts for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    rows = [[cell.strip() for cell in row] for row in read if any(cell.strip() for cell in row)]
    if not rows or len(rows[0]) < len("xy"):
        raise InputDataError(
            f"{path}: no table with a header and several columns; write it as CSV with commas"
        )
    has_header = not any(_NUMBER.fullmatch(cell) for cell in rows[0])
    names = rows[0] if has_header else [f"column_{at}" for at in range(1, len(rows[0]) + 1)]
    kept = [row for row in rows[has_header:] if len(row) == len(names)]
    if not kept:
        raise InputDataError(f"{path}: has no rows of {len(names)} fields under its header")
    decimal = "." if delimiter == "," else _decimal(kept)
    if decimal == ",":
        kept = [[_pointed(cell) for cell in row] for row in kept]
    step = -(-len(kept) // MAX_ROWS)
    return Rows(names, kept[::step], max(lines - has_header, len(kept)), has_header, decimal)


def _decimal(rows: Sequence[Sequence[str]]) -> str:
    cells = [cell for row in rows[:100] for cell in row]
    commas = sum(bool(re.fullmatch(r"[+-]?[0-9]+,[0-9]+", cell)) for cell in cells)
    points = sum(bool(re.fullmatch(r"[+-]?[0-9]+\.[0-9]+", cell)) for cell in cells)
    return "," if commas > points else "."


def _pointed(cell: str) -> str:
    return cell.replace(",", ".") if re.fullmatch(r"[+-]?[0-9]*,[0-9]+", cell) else cell


def _parquet(path: Path) -> Rows:
    try:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv
        from pyarrow import parquet
    except ImportError as error:
        raise InputDataError(
            f"{path}: is Parquet, which takes pyarrow to read; install it into .venv, or save the "
            "table as CSV"
        ) from error
    try:
        file = parquet.ParquetFile(path)
        batch = next(file.iter_batches(batch_size=MAX_ROWS))
    except (pa.ArrowException, StopIteration) as error:
        raise InputDataError(f"{path}: is no intact Parquet with rows: {error}") from error
    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    lines = io.BytesIO()
    table = pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
    arrow_csv.write_csv(table, lines, arrow_csv.WriteOptions(include_header=False))
    rows = list(csv.reader(io.StringIO(lines.getvalue().decode())))
    return Rows(batch.schema.names, rows, file.metadata.num_rows, has_header=True)
