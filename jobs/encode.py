"""Encode raw rows for the endpoint, as preprocessing encodes them: stdin to stdout.

    python encode.py < rows.csv > encoded.csv

A raw row is one of the data set, `columns.COLUMNS`, or one that lacks the label; the first row or
header says which, for all. Out come rows of `rows.FEATURES`, what the endpoint takes. Blank lines
and the header are left out. A row that preprocessing would reject is told on stderr, `line N:
REASON`, and left out too; its reason is preprocessing's own.

With `--features`, their names come out instead, a line each, in their order; with `--columns`, the
columns of a raw row without its label, as JSON, of which a form can be made.

Exit code: 0 when every row was encoded, 3 when some were not, 1 when the text is no such rows; 1 is
also Python's own for an error that nobody expected, so the caller can tell it from bad rows.

The rows are read block by block, so memory does not grow with them. Only the standard library and
the modules beside this one are used, with Python 3.11 or later.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from columns import LABEL
from container import JobError
from kinds import Column, RowError
from objects import GZIP_MAGIC, UTF8_BOM, check_format, read_lines
from rows import (
    FEATURES,
    LABELLED,
    UNLABELLED,
    HeaderError,
    column_order,
    encode_features,
    split_fields,
)

BLOCK_BYTES = 256 * 1024
NAME = "the input"
ALL_ENCODED, NO_ROWS, SOME_REJECTED = 0, 1, 3


@dataclass(frozen=True)
class Form:
    """What the first row or header says of all rows.

    The order is where each of the columns stands; None for their own order, without a header.
    """

    columns: tuple[Column, ...]
    order: tuple[int, ...] | None


def encode(
    raw: io.BufferedReader, encoded: IO[bytes], rejected: IO[str], *, number_lines: bool = False
) -> int:
    """Encode every row, tell the rejected ones, and return the exit code.

    Raises:
        JobError: The text is no such rows; nothing has been written then.
    """
    form: Form | None = None
    exit_code = ALL_ENCODED
    for number, line in numbered_lines(raw):
        try:
            if form is None:
                form = read_form(line)
                if form.order:
                    continue
            row = encode_features(line, form.columns, form.order)
        except RowError as error:
            rejected.write(f"line {number}: {error}\n")
            exit_code = SOME_REJECTED
            continue
        if row:
            encoded.write(b"%d\t%s" % (number, row) if number_lines else row)
    return exit_code


def numbered_lines(raw: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Yield every line that is not blank, without its newline, and its number from 1.

    Raises:
        JobError: The text is gzip, UTF-16, or separated by something else than commas.
    """
    if raw.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC):
        raise JobError(f"{NAME} is gzip; decompress it first, with `gunzip -c FILE`")
    first_line, begun = 1, False
    for text in read_lines(raw, BLOCK_BYTES):
        lines = text.removeprefix(UTF8_BOM) if first_line == 1 else text
        for number, line in enumerate(lines.split(b"\n")[:-1], first_line):
            if not begun and line.strip():
                check_format(NAME, line)
                begun = True
            if line.strip():
                yield number, line
        first_line += lines.count(b"\n")


def read_form(line: bytes) -> Form:
    """Return what the first line says of all rows.

    Raises:
        RowError: It has neither as many fields as a row nor one less.
        JobError: It is a header, and not that of the columns.
    """
    count = len(split_fields(line))
    forms = {len(columns): columns for columns in (LABELLED, UNLABELLED)}
    if count not in forms:
        detail = f"{count} instead of {len(LABELLED)}, or {len(UNLABELLED)} without {LABEL}"
        raise RowError("wrong number of fields", detail)
    try:
        return Form(forms[count], column_order(line, forms[count]))
    except HeaderError as error:
        raise JobError(f"the header of {NAME} {error}") from error


def described(column: Column) -> dict[str, Any]:
    """Return what a form asks for a column: a text, a number, or one of some values."""
    values = list(getattr(column, "values", ()))
    return {"name": column.name, "kind": type(column).__name__, "values": values}


def main(argv: Sequence[str]) -> int:
    """Encode stdin to stdout and return the exit code."""
    parser = argparse.ArgumentParser(
        allow_abbrev=False, description="Encode raw rows for the endpoint, from stdin to stdout."
    )
    parser.add_argument(
        "--number-lines",
        action="store_true",
        help="write the number of the raw row's line and a tab before each row",
    )
    parser.add_argument(
        "--features",
        action="store_true",
        help="write the names of what a row of the endpoint holds instead, a line each",
    )
    parser.add_argument(
        "--columns",
        action="store_true",
        help="write name, kind and values of each column of a raw row without its label instead",
    )
    arguments = parser.parse_args(argv)
    if arguments.features:
        print(*FEATURES, sep="\n")
        return ALL_ENCODED
    if arguments.columns:
        print(json.dumps([described(column) for column in UNLABELLED]))
        return ALL_ENCODED
    try:
        with open(sys.stdin.fileno(), "rb", closefd=False) as raw:
            exit_code = encode(
                raw, sys.stdout.buffer, sys.stderr, number_lines=arguments.number_lines
            )
        sys.stdout.flush()
    except JobError as error:
        print(f"encoding failed: {error}", file=sys.stderr)
        return NO_ROWS
    except BrokenPipeError:
        # Whoever read the rows has gone; what is left of them goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_ROWS
    return exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
