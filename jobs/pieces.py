"""Files of lines, in pieces that several processes can share, read in blocks of whole lines.

Neither the files nor what is in them is held in memory: a folder may hold a million small ones, and
one file may be larger than the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

PIECE_BYTES = 16 * 1024 * 1024
BLOCK_BYTES = 256 * 1024  # What a core has at hand.
MAX_LINE_BYTES = 64 * 1024 * 1024  # An invocation's body is of 25 MB at most.


class Piece(NamedTuple):
    """Some whole lines of a file: those that begin in it, by byte."""

    path: str
    start: int
    end: int


class Share(NamedTuple):
    """Every so manieth piece of what lies below a folder: what one of several processes reads."""

    folder: Path | None
    number: int = 0
    shares: int = 1

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces."""
        return islice(pieces_below(self.folder), self.number, None, self.shares)


def pieces_below(folder: Path | None) -> Iterator[Piece]:
    """Divide every file below a folder; None, or one that is missing, holds nothing."""
    if folder is None or not folder.is_dir():
        return
    for path, size in files_below(os.fspath(folder)):
        for start in range(0, size, PIECE_BYTES):
            yield Piece(path, start, min(start + PIECE_BYTES, size))


def files_below(folder: str) -> Iterator[tuple[str, int]]:
    """Yield every file below a folder and its bytes; skip names that start with . or _."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from files_below(entry.path)
            elif entry.is_file() and not entry.name.startswith((".", "_")):
                yield entry.path, entry.stat().st_size


def blocks_of(piece: Piece) -> Iterator[bytes]:
    """Yield the lines that begin in a piece, many at once; one that is far too long is cut."""
    with open(piece.path, "rb") as file:  # noqa: PTH123 - of a million files, Path takes a third
        if piece.start:
            file.seek(piece.start - 1)
            skip_line(file)
        while (left := piece.end - file.tell()) > 0:
            block = file.read(min(left, BLOCK_BYTES))
            if not block:
                return  # Somebody has shortened the file.
            if not block.endswith(b"\n"):
                rest = file.readline(MAX_LINE_BYTES)
                if len(rest) == MAX_LINE_BYTES and not rest.endswith(b"\n"):
                    skip_line(file)
                block += rest
            yield block


def skip_line(file: Any) -> None:
    """Go to the next line, in bounded memory."""
    while (line := file.readline(MAX_LINE_BYTES)) and not line.endswith(b"\n"):
        pass
