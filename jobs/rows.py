"""One row of the Abalone data: from a raw line of CSV to the columns that XGBoost is trained on.

A raw row holds `COLUMNS`. An encoded row is `rings, seven numbers, is_F, is_I, is_M`: the label
first, then the features. `column_order` reads a header, `encode_row` encodes a line, and
`encode_features` one whose label is not wanted or not known. They need no other module, so that
whatever has to encode rows alike, a job or a caller of the endpoint, can.

Trees need no scaling, so nothing is fitted: a row is encoded by itself.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence

COLUMNS = (
    "sex",
    "length",
    "diameter",
    "height",
    "whole_weight",
    "shucked_weight",
    "viscera_weight",
    "shell_weight",
    "rings",
)
FEATURE_COLUMNS = COLUMNS[:-1]
USUAL_ORDER = tuple(range(len(COLUMNS)))
ONE_HOT = {b"F": b",1,0,0\n", b"I": b",0,1,0\n", b"M": b",0,0,1\n"}

MAX_ROW_BYTES = 64 * 1024
MAX_SHOWN = 40  # Characters of a bad value that a reason repeats.

# A number in one of these forms is passed on as it is written; any other is normalized first.
PLAIN_NUMBER = r"[0-9]{1,9}\.?[0-9]{0,20}"
PLAIN_RINGS = r"[1-9][0-9]{0,8}"
MAX_RINGS = 999_999_999

# Each match is one line: a clean row in three groups, or whatever else it is in the fourth.
# The seven numbers are written out because `(...){7}` takes half as long again.
SEVEN_NUMBERS = 7 * f",{PLAIN_NUMBER}"
LINE = re.compile(rf"(?:([FIM])({SEVEN_NUMBERS}),({PLAIN_RINGS})\r?|(.*))\n".encode())
PLAIN_NUMBER_PATTERN = re.compile(PLAIN_NUMBER)
NUMBER_PATTERN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
NOT_FINITE_PATTERN = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


class RowError(Exception):
    """One row is rejected."""

    def __init__(self, kind: str, detail: str) -> None:
        """Join `kind`, a fixed text to count by, and `detail`, which names the value."""
        super().__init__(f"{kind} ({detail})")
        self.kind = kind


class HeaderError(Exception):
    """A header is not that of `COLUMNS`; the text goes on after "the header"."""


def encode_row(line: bytes, order: Sequence[int] | None = None) -> bytes | None:
    """Encode a line of any accepted spelling: quotes, spaces, exponents, lower case, other order.

    Args:
        line: The line without its newline.
        order: Where in the line each of `COLUMNS` stands; None for their own order.

    Returns:
        The encoded row with its newline; None for a blank line.

    Raises:
        RowError: The line is not a row.
    """
    fields = ordered_fields(line, COLUMNS, order)
    if not fields:
        return None
    sex, *numbers, rings = fields
    one_hot = one_hot_of(sex)
    texts = map(plain_number, COLUMNS[1:-1], numbers)
    return ",".join([whole_rings(rings), *texts]).encode() + one_hot


def encode_features(
    line: bytes, columns: Sequence[str] = COLUMNS, order: Sequence[int] | None = None
) -> bytes | None:
    """Encode a line as `encode_row` does, and leave out the label, which is checked if it is there.

    Args:
        line: The line without its newline.
        columns: What the line holds, `COLUMNS` or `FEATURE_COLUMNS`.
        order: Where in the line each of `columns` stands; None for their own order.

    Returns:
        The seven numbers and `is_F, is_I, is_M`, with a newline; None for a blank line.

    Raises:
        RowError: The line is not such a row.
    """
    fields = ordered_fields(line, columns, order)
    if not fields:
        return None
    sex, *numbers = fields
    one_hot = one_hot_of(sex)
    if len(columns) == len(COLUMNS):
        whole_rings(numbers.pop())
    return ",".join(map(plain_number, COLUMNS[1:-1], numbers)).encode() + one_hot


def ordered_fields(line: bytes, columns: Sequence[str], order: Sequence[int] | None) -> list[str]:
    """Return the fields of a line in the order of `columns`; none for a blank line.

    Raises:
        RowError: The line is too long, is no CSV, or has another number of fields.
    """
    if len(line) > MAX_ROW_BYTES:
        raise RowError("row too long", f"more than {MAX_ROW_BYTES} bytes")
    if not line.strip():
        return []
    fields = split_fields(line)
    if len(fields) != len(columns):
        raise RowError("wrong number of fields", f"{len(fields)} instead of {len(columns)}")
    return [fields[index] for index in order] if order else fields


def one_hot_of(sex: str) -> bytes:
    """Return the last three columns of a row, each after a comma, with a newline.

    Raises:
        RowError: The text is none of F, I and M, in either case.
    """
    one_hot = ONE_HOT.get(sex.encode().upper())
    if one_hot is None:
        raise RowError("unknown sex", f"value {shown(sex)}, expected F, I or M")
    return one_hot


def match_lines(
    text: bytes, order: Sequence[int] | None = None
) -> list[tuple[bytes, bytes, bytes, bytes]]:
    """Match every line of a text with `LINE`, so that clean rows need not go through `encode_row`.

    Args:
        text: Whole lines, each with its newline.
        order: As for `encode_row`; `LINE` knows only the usual one.

    Returns:
        For a clean row sex, numbers, rings and nothing: `rings + numbers + ONE_HOT[sex]` encodes
        it. For any other line, and in another order for every line, three times nothing and the
        line, which `encode_row` takes.
    """
    if order is None:
        return LINE.findall(text)
    return [(b"", b"", b"", line) for line in text.split(b"\n")[:-1]]


def column_order(line: bytes, columns: Sequence[str] = COLUMNS) -> tuple[int, ...] | None:
    """Return where each of `columns` stands if the line is a header, None if it is a row.

    A header holds words and no number, and does not begin with a sex.

    Raises:
        HeaderError: A column is missing, unknown or there twice.
    """
    try:
        fields = split_fields(line) if len(line) <= MAX_ROW_BYTES else [""]
    except RowError:
        return None
    has_number = any(NUMBER_PATTERN.fullmatch(f) or NOT_FINITE_PATTERN.fullmatch(f) for f in fields)
    has_words = any(character.isalpha() for character in "".join(fields))
    if has_number or not has_words or fields[0].upper() in {"F", "I", "M"}:
        return None
    found = [column_key(value) for value in fields]
    expected = [column_key(column) for column in columns]
    problems = {
        "lacks": [column for column in columns if column_key(column) not in found],
        "has the unknown": [shown(f) for f in fields if column_key(f) not in expected],
        "repeats": [column for column in columns if found.count(column_key(column)) > 1],
    }
    told = [f"{what} {', '.join(those[:9])}" for what, those in problems.items() if those]
    if told:
        raise HeaderError(f"{' and '.join(told)}; expected are {', '.join(columns)}")
    return tuple(found.index(key) for key in expected)


def column_key(column: str) -> str:
    """Reduce a column's name to what counts: `Whole weight`, `whole-weight`, `whole` are one."""
    return re.sub(r"[\s_-]", "", column.lower()).removesuffix("weight")


def split_fields(line: bytes) -> list[str]:
    """Split one CSV line at its commas, and strip the fields.

    Raises:
        RowError: The line is not UTF-8, or holds a byte or a quote that CSV does not allow there.
    """
    try:
        text = line.decode().strip()
    except UnicodeDecodeError as error:
        detail = f"byte 0x{line[error.start]:02x} at position {error.start + 1} is not UTF-8"
        raise RowError("undecodable bytes", detail) from error
    if "\0" in text:
        raise RowError("NUL byte", f"at character {text.index(chr(0)) + 1}")
    if "\r" in text:
        raise RowError("carriage return inside the row", "lines must end in LF or CRLF")
    if text.count('"') % 2:
        raise RowError("malformed quotes", "a quoted field does not end on its line")
    return [value.strip() for value in next(csv.reader([text], skipinitialspace=True), [])]


def plain_number(column: str, text: str) -> str:
    """Return a number of at least 0 as it is written if plain, else in Python's shortest form.

    Raises:
        RowError: The text is not such a number.
    """
    if PLAIN_NUMBER_PATTERN.fullmatch(text):
        return text
    value = parse_number(column, text)
    if value < 0:
        raise RowError("negative", f"column {column!r}, value {shown(text)}")
    return repr(abs(value))  # abs() because -0.0 is not below 0.


def whole_rings(text: str) -> str:
    """Return the number of rings, from 1 to `MAX_RINGS`, in digits alone: `15.0` gives `15`.

    Raises:
        RowError: The text is not such a number.
    """
    value = parse_number("rings", text)
    if not (value.is_integer() and 1 <= value <= MAX_RINGS):
        raise RowError("rings must be a whole number >= 1", f"value {shown(text)}")
    return str(int(value))


def parse_number(column: str, text: str) -> float:
    """Read a finite decimal number; unlike `float`, take neither underscores nor other digits.

    Raises:
        RowError: The text is no number, or none that is finite.
    """
    detail = f"column {column!r}, value {shown(text)}"
    if NOT_FINITE_PATTERN.fullmatch(text):
        raise RowError("NaN or infinite", detail)
    if not NUMBER_PATTERN.fullmatch(text):
        raise RowError("not a number", detail)
    if math.isinf(value := float(text)):
        raise RowError("NaN or infinite", detail)
    return value


def shown(text: str) -> str:
    """Quote a value for a message, cut to `MAX_SHOWN` characters."""
    return repr(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")
