"""The form in which an object has the columns: delimiter, header, what is beside them.

Whatever it is, the lines become comma-separated ones of the columns alone, as many as there were,
so that the number of a line stays its number in the object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from categories import Category
from container import JobError
from conversion import TRAILING_COMMA, comma_separated, same, without_index, without_trailing
from json_lines import Places, json_rows
from kinds import Column, ColumnsError, RowError, column_key, shown
from numeric import Count, Number
from rows import HeaderError, column_order, places_of, split_fields
from table import DECIMAL, LABEL

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
COMMENT = b"#"
# What people and programs call a column of row numbers.
INDEX_KEYS = ("", "unnamed0", "index", "id", "rowid", "rownames", "rownumber", "row", "x", "no")
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
COMMENT_LINE = re.compile(rb"(?m)^#.*$")
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")

if DECIMAL not in (".", ","):
    raise ColumnsError(f'columns.py: DECIMAL = {DECIMAL!r}: must be "." or ","')


class Form(NamedTuple):
    """What the first lines say of all.

    Attributes:
        columns: what a line holds.
        order: where each of them stands in a line that has been converted; None for their own
            order, without a header.
        skipped: how many lines at the beginning are comments, blank, or the header.
        convert: makes comma-separated lines of the columns alone of whole lines of the object.
        notes: what was left out beside the columns, in sentences.
        delimiter: of the lines as they stand in the object; None where they are JSON.
    """

    columns: tuple[Column, ...]
    order: tuple[int, ...] | None
    skipped: int
    convert: Callable[[bytes], bytes]
    notes: tuple[str, ...] = ()
    delimiter: str | None = ","


def find_form(name: str, text: bytes, tables: Sequence[tuple[Column, ...]]) -> Form:
    """Find the form of an object.

    Args:
        name: What to call it.
        text: Whole lines from its beginning, two with something in them if it has as many.
        tables: What a row may hold, the likeliest first.

    Raises:
        JobError: It is no table, or its header is not that of the columns.
        RowError: The first line is a row of none of the tables.
    """
    lines = text.split(b"\n")
    filled = [index for index, line in enumerate(lines) if line.strip()]
    check_encoding(name, lines[filled[0]])
    if lines[filled[0]].lstrip().startswith(b"{"):
        return of_json(name, lines[filled[0]], tables)
    content = [index for index in filled if not is_comment(lines[index], tables)]
    if not content:
        return Form(tables[0], None, len(lines) - 1, uncommented(tables[0]))
    comments = [lines[index] for index in filled if index < content[0]]
    head, body = [*(lines[index] for index in content[:2]), b""][:2]
    delimiter = find_delimiter(name, head, body, tables)
    to_commas = comma_separated(delimiter)
    said = commented_header(comments, tables)
    form = of_lines(name, to_commas(head), to_commas(body), tables, said=said)
    strip, convert = uncommented(form.columns), form.convert
    note = ("lines that begin with # were left out",) if comments else ()
    return form._replace(
        skipped=content[0] + form.skipped,
        convert=lambda text: convert(to_commas(strip(text))),
        notes=(*note, *form.notes),
        delimiter=delimiter,
    )


def is_comment(line: bytes, tables: Sequence[tuple[Column, ...]]) -> bool:
    """Tell whether a line is a comment: it begins with #, and no row does or it is no row."""
    if not line.startswith(COMMENT):
        return False
    counts = {len(columns) for columns in tables}
    return not may_begin_so(tables[0]) or not any(
        len(fields_of(line, delimiter)) in counts for delimiter in DELIMITERS
    )


def check_encoding(name: str, line: bytes) -> None:
    """Look at an object's first line for the usual wrong encodings.

    Raises:
        JobError: It is UTF-16 or UTF-32.
    """
    if line.startswith(UTF16_BOMS) or 3 * line.count(b"\0") > len(line):
        raise JobError(f"{name} is UTF-16 or UTF-32 text; save it as UTF-8")


def find_delimiter(
    name: str, head: bytes, body: bytes, tables: Sequence[tuple[Column, ...]]
) -> str:
    """Return what separates the fields: what makes the first line have as many as a row.

    Raises:
        JobError: It is blanks; or decimal commas stand where `DECIMAL` says points.
    """
    counts = {len(columns) for columns in tables}
    fields = {delimiter: fields_of(head, delimiter) for delimiter in DELIMITERS}
    exact = [d for d, those in fields.items() if len(those) in counts]
    near = [d for d, those in fields.items() if len(those) - 1 in counts]
    likely = max(fields, key=lambda delimiter: len(fields[delimiter]))
    delimiter = [*exact, *near, likely][0]
    if len(fields[likely]) == 1 and len(head.split()) in counts and min(counts) > 1:
        raise JobError(f"{name} is separated by spaces; put commas in their place")
    for line in (head, body):
        check_decimals(name, fields_of(line, delimiter), delimiter)
    of_body = {d: len(fields_of(body, d)) for d in DELIMITERS} if body.strip() else {}
    if of_body.get(delimiter) == 1 and min(counts) > 1:
        other = next((d for d, count in of_body.items() if count in counts), None)
        if other:
            raise JobError(
                f"the header of {name} is separated by {DELIMITERS[delimiter]}, its rows by "
                f"{DELIMITERS[other]}; use one of them throughout"
            )
    return delimiter


def check_decimals(name: str, fields: Sequence[str], delimiter: str) -> None:
    """Refuse decimal commas that nobody has announced.

    Raises:
        JobError: There are some.
    """
    found = next((field for field in fields if DECIMAL_COMMA.fullmatch(field)), None)
    if found and delimiter != "," and DECIMAL == ".":
        raise JobError(
            f'{name} has decimal commas, such as {shown(found)}; put the line DECIMAL = "," into '
            "jobs/columns.py, or write points"
        )


def fields_of(line: bytes, delimiter: str) -> list[str]:
    """Return the fields of a line; nothing where it cannot be read."""
    try:
        return split_fields(line, delimiter)
    except RowError:
        return []


def of_lines(
    name: str, head: bytes, body: bytes, tables: Sequence[tuple[Column, ...]], *, said: bytes
) -> Form:
    """Find the form of comma-separated lines; it skips nothing but a header.

    Args:
        name: What to call the object.
        head: Its first line that is no comment.
        body: The next; nothing where there is none.
        tables: What a row may hold.
        said: A comment that is a header; nothing where there is none.

    Raises:
        JobError: The header is not that of the columns.
        RowError: There are several tables, and the first line is a row of none.
    """
    fields, least = fields_of(head, ","), min(tables, key=len)
    # An id and the columns without the label are as many fields as the columns with it.
    for columns in (those for those in tables[1:] if len(those) + 1 == len(fields)):
        if found := beside_index(name, fields, head, columns):
            return found
    for columns in (those for those in tables if len(those) == len(fields)):
        order = read_header(name, said or head, columns)
        if order and not said and len(fields_of(body, ",")) == len(columns) + 1:
            note = "the first field of each row, for which the header has no name, was left out"
            return Form(columns, order, 1, without_index, (note,))
        return Form(columns, order, int(order is not None and not said), same)
    for columns in (those for those in tables if len(those) + 1 == len(fields)):
        if found := beside(name, fields, head, columns):
            return found
    if len(tables) > 1 and fields and not any(is_named(field, tables[0]) for field in fields):
        detail = f"{len(fields)} instead of {len(tables[0])}, or {len(least)} without {LABEL}"
        raise RowError("wrong number of fields", detail)
    nearest = min(tables, key=lambda columns: abs(len(columns) - len(fields)))
    order = read_header(name, head, nearest)
    return Form(nearest, order, int(order is not None), same)


def beside(
    name: str, fields: Sequence[str], head: bytes, columns: tuple[Column, ...]
) -> Form | None:
    """Find the form where one field more than the columns stands in the first line.

    Returns:
        None where nothing says which it is.

    Raises:
        JobError: It is a row number that has no header.
    """
    if fields[-1] == "":
        shorter = TRAILING_COMMA.sub(rb"\1", head)
        order = read_header(name, shorter, columns)
        note = "the comma at the end of each line was left out"
        return Form(columns, order, int(order is not None), without_trailing, (note,))
    if found := beside_index(name, fields, head, columns):
        return found
    if fields[0].isdecimal() and not any(is_named(field, columns) for field in fields):
        raise JobError(
            f"{name} line 1 has {len(fields)} fields instead of {len(columns)}, and the first, "
            f"{shown(fields[0])}, looks like a row number; take it out, write a header, or put "
            'Ignored("row") before the other COLUMNS of jobs/columns.py'
        )
    return None


def beside_index(
    name: str, fields: Sequence[str], head: bytes, columns: tuple[Column, ...]
) -> Form | None:
    """Find the form where a header names row numbers or an id before the columns.

    Returns:
        None where it does not.

    Raises:
        JobError: It does, and the rest of it is not that of the columns.
    """
    if column_key(fields[0]) not in INDEX_KEYS or is_named(fields[0], columns):
        return None
    order = read_header(name, without_index(head), columns)
    if order is None:
        return None
    called = (
        f"the column of row numbers, {shown(fields[0])},"
        if fields[0]
        else "the first column, which has no name,"
    )
    return Form(columns, order, 1, without_index, (f"{called} was left out",))


def is_named(field: str, columns: Sequence[Column]) -> bool:
    """Tell whether the field is the name of a column."""
    return any(places_of(column, [field]) for column in columns)


def read_header(name: str, line: bytes, columns: Sequence[Column]) -> tuple[int, ...] | None:
    """Return the order of an object's columns if its first line is a header, None if it is a row.

    Raises:
        JobError: A column is missing, unknown or there twice.
    """
    try:
        return column_order(line, columns)
    except HeaderError as error:
        raise JobError(f"the header of {name} {error}") from error


def commented_header(comments: Sequence[bytes], tables: Sequence[tuple[Column, ...]]) -> bytes:
    """Return the comment that names all columns, without its mark; nothing where none does."""
    for comment in comments:
        line = comment.lstrip(COMMENT).strip()
        for delimiter in DELIMITERS:
            fields = fields_of(line, delimiter)
            if any(
                len(fields) == len(columns) and all(is_named(field, columns) for field in fields)
                for columns in tables
            ):
                return comma_separated(delimiter)(line)
    return b""


def may_begin_so(columns: Sequence[Column]) -> bool:
    """Tell whether a row may begin with #."""
    first = columns[0]
    if isinstance(first, Category) and not first.is_open:
        return any(value.startswith("#") for value in first.values)
    return not isinstance(first, (Number, Count))


def uncommented(columns: Sequence[Column]) -> Callable[[bytes], bytes]:
    """Return what leaves lines that begin with # blank, where no row can begin so."""
    if may_begin_so(columns):
        return same

    def blank(text: bytes) -> bytes:
        # One byte is found, or not, in a twentieth of the time that two take.
        if COMMENT not in text:
            return text
        is_there = text.startswith(COMMENT) or b"\n#" in text
        return COMMENT_LINE.sub(b"", text) if is_there else text

    return blank


def of_json(name: str, line: bytes, tables: Sequence[tuple[Column, ...]]) -> Form:
    """Find the form of JSON lines, of which each is an object with the columns' names.

    Raises:
        JobError: The first line is no such object, or names other columns.
    """
    columns = tables[0]
    try:
        given = json.loads(line)
    except ValueError as error:
        raise JobError(
            f"{name} line 1 begins with {{ and is no JSON ({error}); write an object per line"
        ) from error
    places = Places(columns)
    unknown = [shown(key) for key in given if places[key] is None]
    if unknown:
        expected = ", ".join(column.name for column in columns)
        raise JobError(
            f"{name} line 1 has the unknown {', '.join(unknown[:9])}; expected are {expected}; "
            "jobs/columns.py can give a column another name (also), or leave one out (Ignored)"
        )
    return Form(columns, None, 0, lambda text: json_rows(text, places), delimiter=None)
