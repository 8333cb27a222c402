"""The raw objects, as SageMaker put them into a folder: files of lines, read block by block.

A file is CSV, plain or gzip, with or without a byte order mark and a header. A block holds whole
lines, so that it can be encoded by itself, and memory does not grow with the files.
"""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from container import JobError
from rows import LABELLED, MAX_ROW_BYTES, USUAL_ORDER, HeaderError, column_order

UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
GZIP_MAGIC = b"\x1f\x8b"
WRONG_DELIMITERS = {b";": "semicolons", b"\t": "tabs", b"|": "vertical bars"}


class Block(NamedTuple):
    """Whole lines of one object, each with its newline.

    The order is that of the object's columns, None if it is the usual one.
    """

    object_name: str
    first_line: int
    order: tuple[int, ...] | None
    text: bytes


def list_objects(input_dir: Path) -> list[tuple[str, Path]]:
    """Return the relative name and path of every file, sorted; skip names that start with . or _.

    Raises:
        JobError: There is no such folder.
    """
    if not input_dir.is_dir():
        raise JobError(f"the input folder {input_dir} does not exist; check --input-dir")
    found = []
    for path in input_dir.rglob("*"):
        relative = path.relative_to(input_dir)
        if path.is_file() and not any(name.startswith((".", "_")) for name in relative.parts):
            found.append((os.fsencode(relative.as_posix()).decode(errors="backslashreplace"), path))
    return sorted(found)


@contextmanager
def open_object(name: str, path: Path) -> Iterator[io.BufferedReader | gzip.GzipFile]:
    """Open a file and, whatever it is called, decompress it if it begins as gzip does.

    Raises:
        JobError: The gzip data, read within the context, is corrupt or cut short.
    """
    with path.open("rb") as raw:
        is_gzip = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        raw.seek(0)
        if not is_gzip:
            yield raw
            return
        try:
            with gzip.GzipFile(fileobj=raw) as stream:
                yield stream
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            message = f"{name} is truncated or corrupt gzip ({error}); upload the object again"
            raise JobError(message) from error


def read_lines(stream: io.BufferedReader | gzip.GzipFile, block_bytes: int) -> Iterator[bytes]:
    """Yield whole lines, about `block_bytes` at a time; what is far too long for a row is cut.

    A cut line is still longer than `MAX_ROW_BYTES`, even after a byte order mark is taken off it,
    so it is rejected wherever the blocks happen to end.
    """
    rest = b""
    while chunk := stream.read(block_bytes):
        lines, newline, tail = chunk.rpartition(b"\n")
        if newline:
            yield rest + lines + newline
            rest = b""
        rest = (rest + tail)[: MAX_ROW_BYTES + len(UTF8_BOM) + 1]
    if rest:
        yield rest + b"\n"


def read_blocks(name: str, path: Path, block_bytes: int) -> Iterator[Block]:
    """Yield the blocks of one object, its byte order mark removed and its header left blank.

    Raises:
        JobError: The object is not CSV with commas, or its header is not that of the columns.
    """
    first_line, order, begun = 1, None, False
    with open_object(name, path) as stream:
        for text in read_lines(stream, block_bytes):
            lines = text.removeprefix(UTF8_BOM) if first_line == 1 else text
            if not begun and lines.strip():
                begun = True
                head = lines.lstrip().partition(b"\n")[0]
                check_format(name, head)
                order = read_header(name, head)
                lines = lines.replace(head, b"", 1) if order else lines
            yield Block(name, first_line, None if order == USUAL_ORDER else order, lines)
            first_line += lines.count(b"\n")


def check_format(name: str, line: bytes) -> None:
    """Look at an object's first line for the usual wrong encodings and delimiters.

    Raises:
        JobError: It is UTF-16 or UTF-32, or its fields are not separated by commas.
    """
    if line.startswith(UTF16_BOMS) or 3 * line.count(b"\0") > len(line):
        raise JobError(f"{name} is UTF-16 or UTF-32 text; save it as UTF-8")
    for delimiter, called in WRONG_DELIMITERS.items():
        if line.count(delimiter) > max(line.count(b","), len(LABELLED) - 3):
            raise JobError(f"{name} is separated by {called}; commas are expected")


def read_header(name: str, line: bytes) -> tuple[int, ...] | None:
    """Return the order of an object's columns if its first line is a header, None if it is a row.

    Raises:
        JobError: A column is missing, unknown or there twice.
    """
    try:
        return column_order(line)
    except HeaderError as error:
        raise JobError(f"the header of {name} {error}") from error
