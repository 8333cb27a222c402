"""Rows for the endpoint: raw ones encoded by the script that preprocessing shares, or encoded ones.

The script runs as a process of its own, as in a container: nothing here imports `jobs/`, and what
the endpoint gets cannot differ from what the model was trained on.
"""

import contextlib
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from workflow.errors import WorkflowError

_SCRIPT: Final = Path(__file__).parents[2] / "jobs" / "encode.py"
_ALL_ENCODED, _SOME_REJECTED = 0, 3  # jobs/encode.py's exit codes
_ENCODING_PATH: Final = "ENCODING_PATH"  # As jobs/table.py reads it.
_SHOWN: Final = 10
_SHOWN_CHARACTERS: Final = 40


class RawRow(NamedTuple):
    """One row as the endpoint takes it, the number of the line it stood on, and that line."""

    line_number: int
    text: bytes
    line: str


@dataclass(frozen=True)
class Rejected:
    """The rows that cannot be sent: how many, and of the first ones the line and the reason."""

    count: int
    first: Sequence[str]

    def __str__(self) -> str:
        """Return a line for each that is shown."""
        more = self.count - len(self.first)
        rest = [f"  and {more} more"] if more else []
        return "\n".join([*(f"  {line}" for line in self.first), *rest])


def encode_raw(
    raw: IO[bytes], encoded: IO[bytes], *, encoding: Mapping[str, Any] | None = None
) -> Rejected:
    """Write raw rows as `read_rows` reads them, encoded, and return those that cannot be.

    Args:
        raw: a real file, read from where it stands.
        encoded: a real file.
        encoding: as the model's known answers tell it; None for that of jobs/columns.py.

    Raises:
        WorkflowError: the text is no rows at all, or the script cannot run.
    """
    # -B: what lies beside the scripts is deployed with them.
    command = [sys.executable, "-B", str(_SCRIPT), "--number-lines"]
    with tempfile.TemporaryFile() as told, _environment(encoding) as environment:
        ended = subprocess.run(  # noqa: S603 - our own script
            command, stdin=raw, stdout=encoded, stderr=told, env=environment, check=False
        )
        told.seek(0)
        lines = (line.decode(errors="backslashreplace").rstrip() for line in told)
        if ended.returncode in {_ALL_ENCODED, _SOME_REJECTED}:
            return _rejected(lines)
        last = "".join(list(lines)[-1:]) or f"{_SCRIPT.name} ended with {ended.returncode}"
    raise WorkflowError(last)


@contextlib.contextmanager
def _environment(encoding: Mapping[str, Any] | None) -> Iterator[dict[str, str]]:
    """Yield the environment in which the script encodes as a document says."""
    if encoding is None:
        yield {key: value for key, value in os.environ.items() if key != _ENCODING_PATH}
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(encoding, file)
        file.flush()
        yield {**os.environ, _ENCODING_PATH: file.name}


def encoded_features() -> list[str]:
    """Return the names of what a row holds that `encode_raw` writes, in their order.

    Raises:
        WorkflowError: the script cannot run.
    """
    return _told("--features").split("\n")[:-1]


class RawColumn(NamedTuple):
    """A column of a raw row, as jobs/columns.py has it; `values` of a category, else none."""

    name: str
    kind: str
    values: Sequence[str]


def raw_columns() -> list[RawColumn]:
    """Return the columns of a raw row without its label, in their order.

    Raises:
        WorkflowError: the script cannot run.
    """
    return [RawColumn(**column) for column in json.loads(_told("--columns"))]


def first_count(encoded: IO[bytes]) -> int:
    """Return how many features the first of the rows has that one of the two wrote."""
    encoded.seek(0)
    return encoded.readline().count(b",") + 1


def check_encoded(raw: IO[bytes], encoded: IO[bytes]) -> Rejected:
    """Write rows that are encoded already as `read_rows` reads them; return those that are not.

    What such a row holds is between the caller and the model: it has to be finite numbers, as many
    as in the first one.
    """
    return _rejected(_checked(raw, encoded))


def read_rows(encoded: IO[bytes], raw: IO[bytes]) -> Iterator[RawRow]:
    """Yield the rows that one of the two wrote, each with its line of `raw`."""
    encoded.seek(0)
    raw.seek(0)
    lines = enumerate(raw, 1)
    for numbered in encoded:
        number, _, text = numbered.rstrip(b"\n").partition(b"\t")
        line = next(line for at, line in lines if at == int(number))
        yield RawRow(int(number), text, line.decode("utf-8-sig", "backslashreplace").strip())


def batches(rows: Iterable[RawRow], *, max_bytes: int, max_rows: int) -> Iterator[list[RawRow]]:
    """Yield the rows in lists, each of which is a body of at most `max_bytes` with its newlines."""
    batch: list[RawRow] = []
    size = 0
    for row in rows:
        if batch and (len(batch) == max_rows or size + len(row.text) + 1 > max_bytes):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += len(row.text) + 1
    if batch:
        yield batch


def _told(flag: str) -> str:
    command = [sys.executable, "-B", str(_SCRIPT), flag]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - as above
    if ended.returncode != _ALL_ENCODED:
        raise WorkflowError(f"{_SCRIPT.name} ended with {ended.returncode}: {ended.stderr}")
    return ended.stdout


def _checked(raw: IO[bytes], encoded: IO[bytes]) -> Iterator[str]:
    count = 0
    for number, line in enumerate(raw, 1):
        text = line.strip()
        if not text:
            continue
        fields = text.split(b",")
        count = count or len(fields)
        wrong = next((field for field in fields if not _is_number(field)), None)
        if len(fields) != count:
            yield f"line {number}: wrong number of fields ({len(fields)} instead of {count})"
        elif wrong is not None:
            shown = wrong[:_SHOWN_CHARACTERS].decode(errors="backslashreplace")
            yield f"line {number}: not a number (value {shown!r}); leave out --encoded for raw rows"
        else:
            encoded.write(b"%d\t%s\n" % (number, text))


def _is_number(field: bytes) -> bool:
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False


def _rejected(lines: Iterable[str]) -> Rejected:
    left = iter(lines)
    first = list(itertools.islice(left, _SHOWN))
    return Rejected(len(first) + sum(1 for _ in left), first)
