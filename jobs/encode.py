"""Encode raw rows for the endpoint, as preprocessing encodes them: stdin to stdout.

    python encode.py < rows.csv > encoded.csv

A raw row is one of the data set, `columns.COLUMNS`, or one that lacks the label; the first row or
header says which, for all. The rows may have any form that `forms.py` finds. Out come rows of
`rows.FEATURES`, what the endpoint takes. Blank lines and the header are left out. A row that
preprocessing would reject is told on stderr, `line N: REASON`, and left out too; its reason is
preprocessing's own.

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
from typing import IO, Any

from archives import GZIP_MAGIC, HEAD_BYTES, PACKED, ZIP_MAGIC, check_head
from container import JobError
from conversion import same
from forms import Form, find_form
from kinds import Column, RowError
from objects import LINE, UTF8_BOM, read_lines, with_two_rows, without_lines
from rows import FEATURES, LABELLED, UNLABELLED, encode_features

BLOCK_BYTES = 256 * 1024
NAME = "the input"
MAX_REFUSED = 20  # Lines at the beginning that are looked at for one that says the form.
ALL_ENCODED, NO_ROWS, SOME_REJECTED = 0, 1, 3


def encode(
    raw: io.BufferedReader, encoded: IO[bytes], rejected: IO[str], *, number_lines: bool = False
) -> int:
    """Encode every row, tell the rejected ones, and return the exit code.

    Raises:
        JobError: The text is no such rows; nothing has been written then.
    """
    exit_code = ALL_ENCODED
    for number, line, form in formed_lines(raw):
        try:
            if isinstance(form, RowError):
                raise form
            row = encode_features(line, form.columns, form.order)
        except RowError as error:
            rejected.write(f"line {number}: {error}\n")
            exit_code = SOME_REJECTED
            continue
        if row:
            encoded.write(b"%d\t%s" % (number, row) if number_lines else row)
    return exit_code


def formed_lines(raw: io.BufferedReader) -> Iterator[tuple[int, bytes, Form | RowError]]:
    """Yield the number from 1 of every row's line, the line and the form, or why it has none.

    Raises:
        JobError: The text is packed, UTF-16, or no table.
    """
    head = raw.peek(HEAD_BYTES)[:HEAD_BYTES]
    if head.startswith((*PACKED, ZIP_MAGIC)):
        called = "gzip" if head.startswith(GZIP_MAGIC) else "packed"
        raise JobError(f"{NAME} is {called}; decompress it first, with `gunzip -c FILE`")
    check_head(NAME, head)
    first_line, form = 1, None
    for text in with_two_rows(read_lines(raw, BLOCK_BYTES)):
        content = text.removeprefix(UTF8_BOM) if first_line == 1 else text
        if form is None and content.strip():
            form, content, refused = begin(content)
            yield from ((number, b"", error) for number, error in refused)
        lines = form.convert(content).split(b"\n")[:-1] if form else []
        for number, line in enumerate(lines, first_line):
            if form and line.strip():
                yield number, line, form
        first_line += text.count(b"\n")


def begin(text: bytes) -> tuple[Form, bytes, list[tuple[int, RowError]]]:
    """Find the form by the first line that is a row, and leave what is before it blank.

    Returns:
        The form, the text, and what is wrong with the lines before, by their numbers.

    Raises:
        JobError: It is no table.
    """
    refused: list[tuple[int, RowError]] = []
    while len(refused) < MAX_REFUSED and text.strip():
        try:
            form = find_form(NAME, text, (LABELLED, UNLABELLED))
        except RowError as error:
            before = next(at for at, line in enumerate(text.split(b"\n")) if LINE.match(line))
            text = without_lines(text, before + 1)
            refused.append((before + 1, error))
        else:
            return form, without_lines(text, form.skipped), refused
    return Form(LABELLED, None, 0, same), text, refused


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
