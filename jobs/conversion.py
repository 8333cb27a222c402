"""What makes comma-separated lines, with decimal points, of lines in another form.

A line that cannot be read is left as it is, for the reader of rows to say what is wrong with it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence

from kinds import RowError
from rows import split_fields
from table import DECIMAL

ROW_NUMBER = re.compile(rb'(?m)^(?:"[^"\n]*"|[^,"\n]*),')
TRAILING_COMMA = re.compile(rb"(?m),[ \t]*(\r?)$")


def same(text: bytes) -> bytes:
    """Return the text as it is."""
    return text


def comma_separated(delimiter: str) -> Callable[[bytes], bytes]:
    """Return what makes lines comma-separated, with decimal points."""
    if delimiter == "," and DECIMAL == ".":
        return same
    swap = bytes.maketrans(delimiter.encode(), b",")
    cell = decimal_cell(delimiter)

    def convert(text: bytes) -> bytes:
        if DECIMAL == ",":
            text = cell.sub(lambda found: found[1].replace(b".", b"") + b"." + found[2], text)
        if delimiter == ",":
            return text
        if b'"' not in text and b"," not in text:
            return text.translate(swap)
        return b"\n".join(convert_line(line, delimiter, swap) for line in text.split(b"\n"))

    return convert


def decimal_cell(delimiter: str) -> re.Pattern[bytes]:
    """Match a cell that is a number with a decimal comma, quoted or not; of commas a quoted one."""
    between = re.escape(delimiter).encode()
    number = rb"([+-]?[0-9]{1,3}(?:\.[0-9]{3})+|[+-]?[0-9]*),([0-9]+)"
    quoted = rb'(?<=")' + number + rb'(?=")'
    if delimiter == ",":
        return re.compile(quoted)
    return re.compile(
        rb'(?<![^"\n' + between + rb"])" + number + rb'(?=["\r\n' + between + rb"]|\Z)"
    )


def convert_line(line: bytes, delimiter: str, swap: bytes) -> bytes:
    """Convert a line that may hold quotes; one that is no CSV is left as it is."""
    if b'"' not in line and b"," not in line:
        return line.translate(swap)
    end = b"\r" if line.endswith(b"\r") else b""
    try:
        fields = split_fields(line, delimiter)
    except RowError:
        return line
    return joined(fields) + end


def joined(fields: Sequence[str]) -> bytes:
    """Join fields by commas, quoted where they must be."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(fields)
    return written.getvalue().encode()


def without_index(text: bytes) -> bytes:
    """Take the first field off each line."""
    return ROW_NUMBER.sub(b"", text)


def without_trailing(text: bytes) -> bytes:
    """Take the comma off the end of each line that ends with one."""
    return TRAILING_COMMA.sub(rb"\1", text)
