"""The raw objects, as SageMaker put them into a folder: files of lines, read block by block.

`archives.py` says what is unpacked, `forms.py` what becomes comma-separated lines. A block holds
whole lines, so that it can be encoded by itself, and memory does not grow with the files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archives import Reader, Text, may_be_data, open_texts
from container import JobError
from forms import find_form
from rows import LABELLED, MAX_ROW_BYTES, USUAL_ORDER

UTF8_BOM = b"\xef\xbb\xbf"
LINE = re.compile(rb"[ \t\r\v\f]*[^# \t\r\v\f]")  # Neither blank nor a comment.
LOOKED_AT = 1000


class Block(NamedTuple):
    """Whole lines of one object, each with its newline.

    The order is that of the object's columns, None if it is the usual one. `notes` tell, in the
    first block, what was left out beside the columns.
    """

    object_name: str
    first_line: int
    order: tuple[int, ...] | None
    text: bytes
    notes: tuple[str, ...] = ()


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


def data_of(objects: list[tuple[str, Path]]) -> tuple[list[tuple[str, Path]], list[str]]:
    """Divide objects into what may be data and the names of what is none, such as a README."""
    data = [(name, path) for name, path in objects if may_be_data(name)]
    kept = {name for name, _ in data}
    return data, [name for name, _ in objects if name not in kept]


def read_lines(stream: Reader, block_bytes: int) -> Iterator[bytes]:
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
        JobError: The object is no table of lines, or its header is not that of the columns.
    """
    for text in open_texts(name, path):
        yield from blocks_of(text, block_bytes)


def blocks_of(text: Text, block_bytes: int) -> Iterator[Block]:
    """Yield the blocks of one text."""
    first_line, form = 1, None
    for lines in with_two_rows(read_lines(text.stream, block_bytes)):
        content = lines.removeprefix(UTF8_BOM) if first_line == 1 else lines
        notes: tuple[str, ...] = ()
        if form is None and content.strip():
            form = find_form(text.name, content, (LABELLED,))
            content, notes = without_lines(content, form.skipped), form.notes
        order = form.order if form else None
        content = form.convert(content) if form else content
        yield Block(text.name, first_line, None if order == USUAL_ORDER else order, content, notes)
        first_line += lines.count(b"\n")


def with_two_rows(texts: Iterator[bytes]) -> Iterator[bytes]:
    """Join the first texts until two lines hold something but a comment: a header, and a row."""
    begin = b""
    for text in texts:
        begin += text
        if sum(bool(LINE.match(line)) for line in begin.split(b"\n")[:LOOKED_AT]) > 1:
            yield begin
            break
    else:
        yield from [begin] if begin else []
    yield from texts


def without_lines(text: bytes, count: int) -> bytes:
    """Return the text with its first lines left blank."""
    lines = text.split(b"\n", count)
    return b"\n" * count + lines[-1] if count else text
