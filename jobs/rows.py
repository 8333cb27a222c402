"""One row of the data: from a raw line of CSV to the columns that XGBoost is trained on.

A raw row holds the columns of `columns.py`. An encoded row is the label (a class as its place,
from 0), its weight where rows have one, every number, and for every category a 0 or 1 for each of
its values: `rings, seven numbers, sex_F, sex_I, sex_M`. A missing value is an empty cell, or as
many as it has features.
`column_order` reads a header, `encode_row` encodes a line, and `encode_features` one whose label
is not wanted or not known. Whatever has to encode rows alike, a job or a caller of the endpoint,
uses them.

Trees need no scaling, so nothing is fitted: a row is encoded by itself.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from kinds import (
    NOT_FINITE_PATTERN,
    NUMBER_PATTERN,
    Column,
    RowError,
    Weight,
    check_columns,
    column_key,
    keys_of,
    label_of,
    shown,
)
from problem import IS_WEIGHTED
from table import CLASS_WEIGHTS, COLUMNS, LABEL, PROBLEM, SPLIT, SPLIT_RULE

check_columns(COLUMNS, LABEL, PROBLEM, SPLIT_RULE, class_weights=CLASS_WEIGHTS)
# A row without a label teaches nothing.
LABELLED: tuple[Column, ...] = tuple(
    label_of(column, CLASS_WEIGHTS) if column.name == LABEL else column for column in COLUMNS
)
# A row to predict has no weight either.
UNLABELLED: tuple[Column, ...] = tuple(
    column for column in LABELLED if column.name != LABEL and not isinstance(column, Weight)
)
# The columns before the features of an encoded row, and how many cells they are.
LABEL_COLUMNS = (LABEL, *(column.name for column in LABELLED if isinstance(column, Weight)))
LABEL_CELLS = 1 + IS_WEIGHTED
CATEGORIES = tuple(column for column in UNLABELLED if column.groups)
NUMBERS = tuple(column for column in UNLABELLED if column.features and not column.groups)
KEY = next((column for column in UNLABELLED if SPLIT and column.name == SPLIT.name), None)
# The columns whose texts come after the label in an encoded row, and what they are called there.
FEATURE_COLUMNS = tuple(column.name for column in (*NUMBERS, *CATEGORIES))
NUMBER_FEATURES = tuple(feature for column in NUMBERS for feature in column.features)
FEATURES = (
    *NUMBER_FEATURES,
    *(feature for column in CATEGORIES for feature in column.features),
)
# Where the first cell of each of them stands in an encoded row.
FIRST_CELLS = dict(
    zip(
        FEATURE_COLUMNS,
        accumulate(
            (len(column.features) for column in (*NUMBERS, *CATEGORIES)), initial=LABEL_CELLS
        ),
        strict=False,
    )
)
USUAL_ORDER = tuple(range(len(LABELLED)))

MAX_ROW_BYTES = 64 * 1024
UNIT = re.compile(r"[(\[].*[)\]]")  # As in `Length (mm)`.


class HeaderError(Exception):
    """A header is not that of the columns; the text goes on after "the header"."""


def encode_row(line: bytes, order: Sequence[int] | None = None) -> bytes | None:
    """Encode a line of any accepted spelling: quotes, spaces, exponents, lower case, other order.

    Args:
        line: The line without its newline.
        order: Where in the line each of `LABELLED` stands; None for their own order.

    Returns:
        The encoded row with its newline, and before it the key of its split and a tab, where
        `SPLIT` says a column that decides; None for a blank line.

    Raises:
        RowError: The line is not a row.
    """
    fields = ordered_fields(line, LABELLED, order)
    if not fields:
        return None
    texts = {
        column.name: column.encode(text) for column, text in zip(LABELLED, fields, strict=True)
    }
    row = joined([texts[name] for name in (*LABEL_COLUMNS, *FEATURE_COLUMNS)])
    if SPLIT is None or KEY is None:
        return row
    key = SPLIT.key(KEY, fields[LABELLED.index(KEY)])
    return f"{key}\t".encode() + row


def encode_features(
    line: bytes, columns: Sequence[Column] = LABELLED, order: Sequence[int] | None = None
) -> bytes | None:
    """Encode a line as `encode_row` does, and leave out the label.

    A label is checked if it is there; its cell may be empty, since it is what is to be predicted.
    A weight may be anything.

    Args:
        line: The line without its newline.
        columns: What the line holds, `LABELLED` or `UNLABELLED`.
        order: Where in the line each of `columns` stands; None for their own order.

    Returns:
        The features with a newline; None for a blank line.

    Raises:
        RowError: The line is not such a row.
    """
    texts = encoded_texts(line, columns, order, may_be_empty=LABEL)
    if not texts:
        return None
    return joined([texts[name] for name in FEATURE_COLUMNS])


def joined(cells: Sequence[str]) -> bytes:
    """Join the cells of a row; an empty last one becomes nan.

    XGBoost reads both as missing, but counts the columns by the cells that are not empty, and takes
    a row of one empty cell for no row.
    """
    row = ",".join(cells)
    return f"{row}{'' if cells[-1] and not row.endswith(',') else 'nan'}\n".encode()


def encoded_texts(
    line: bytes,
    columns: Sequence[Column],
    order: Sequence[int] | None,
    *,
    may_be_empty: str | None = None,
) -> dict[str, str]:
    """Return what each column's field becomes but a weight, by name; nothing for a blank line.

    Args:
        line: The line without its newline.
        columns: What the line holds.
        order: Where in the line each of them stands; None for their own order.
        may_be_empty: The column whose empty field stays one.

    Raises:
        RowError: The line is not a row of these columns.
    """
    fields = ordered_fields(line, columns, order)
    if not fields:
        return {}
    return {
        column.name: field if not field and column.name == may_be_empty else column.encode(field)
        for column, field in zip(columns, fields, strict=True)
        if not isinstance(column, Weight)
    }


def ordered_fields(
    line: bytes, columns: Sequence[Column], order: Sequence[int] | None
) -> list[str]:
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


def column_order(line: bytes, columns: Sequence[Column] = LABELLED) -> tuple[int, ...] | None:
    """Return where each of `columns` stands if the line is a header, None if it is a row.

    What names every column once is a header. So is, with errors, what holds words and no number,
    and no value of a category where that stands in a row.

    Raises:
        HeaderError: A column is missing, unknown or there twice.
    """
    try:
        fields = split_fields(line) if len(line) <= MAX_ROW_BYTES else [""]
    except RowError:
        return None
    places = [places_of(column, fields) for column in columns]
    if all(len(place) == 1 for place in places) and len(fields) == len(columns):
        return tuple(place for (place,) in places)
    if not is_wrong_header(fields, columns):
        return None
    known = {index for place in places for index in place}
    names = [column.name for column in columns]
    problems = {
        "lacks": [name for index, name in enumerate(names) if not places[index]],
        "has the unknown": [shown(f) for index, f in enumerate(fields) if index not in known],
        "repeats": [name for index, name in enumerate(names) if len(places[index]) > 1],
    }
    items = [f"{what} {', '.join(those[:9])}" for what, those in problems.items() if those]
    raise HeaderError(
        f"{' and '.join(items)}; expected are {', '.join(names)}; jobs/columns.py can give a "
        "column another name (also), or leave one out (Ignored)"
    )


def is_wrong_header(fields: Sequence[str], columns: Sequence[Column]) -> bool:
    """Tell whether the fields, which are not the names of the columns, are meant to be."""
    if any(NUMBER_PATTERN.fullmatch(f) or NOT_FINITE_PATTERN.fullmatch(f) for f in fields):
        return False
    for column, field in zip(columns, fields, strict=False):
        if column.has(field):
            return False
    return any(character.isalpha() for character in "".join(fields))


def places_of(column: Column, fields: Sequence[str]) -> list[int]:
    """Return where a header names the column."""
    keys = keys_of(column)
    return [index for index, field in enumerate(fields) if keys & keys_in(field)]


@lru_cache(maxsize=4096)
def keys_in(field: str) -> frozenset[str]:
    """Return the keys of a header's field: of all of it, and of what stands before a bracket."""
    return frozenset({column_key(field), column_key(UNIT.sub("", field))} - {""})


def split_fields(line: bytes, delimiter: str = ",") -> list[str]:
    """Split one CSV line at its delimiters, and strip the fields.

    Raises:
        RowError: The line is not UTF-8, or holds a byte or a quote that CSV does not allow there.
    """
    try:
        text = line.decode().strip(None if delimiter == "," else " \r\n\v\f")
    except UnicodeDecodeError as error:
        detail = f"byte 0x{line[error.start]:02x} at position {error.start + 1} is not UTF-8"
        raise RowError("undecodable bytes", detail) from error
    if "\0" in text:
        raise RowError("NUL byte", f"at character {text.index(chr(0)) + 1}")
    if "\r" in text:
        raise RowError("carriage return inside the row", "lines must end in LF or CRLF")
    if text.count('"') % 2:
        raise RowError("malformed quotes", "a quoted field does not end on its line")
    rows = csv.reader([text], skipinitialspace=True, delimiter=delimiter)
    return [value.strip() for value in next(rows, [])]
