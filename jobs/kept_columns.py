"""Columns of any number of rows, kept in a file without a name and read back in blocks.

What is kept grows on disk and not in memory: a block is held at a time. All blocks but the last
have the same number of rows, whatever parts the rows came in, so what is summed by blocks does not
depend on those. The file goes with the process, and is in no listing of its folder meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from unnamed import unnamed_file

BLOCK_ROWS = 131_072
BLOCK_BYTES = 32 * 1024 * 1024  # Of wide rows a block has fewer.

Column = NDArray[Any]


class KeptColumns:
    """Columns by name, such as `actual` or, of the third class, `score 2`.

    Attributes:
        rows: how many there are, once `finish` was called.
    """

    def __init__(self, folder: Path, types: Mapping[str, str]) -> None:
        """Begin without rows.

        Args:
            folder: where there is room for them; it is made where there is none.
            types: of the columns by name, as numpy writes them.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._file = unnamed_file(folder, self)
        self._types = {name: np.dtype(kind) for name, kind in types.items()}
        self._row_bytes = sum(kind.itemsize for kind in self._types.values())
        self.block_rows = max(min(BLOCK_ROWS, BLOCK_BYTES // self._row_bytes), 1)
        self._pending: list[Mapping[str, Column]] = []
        self._pending_rows = 0
        self.rows = 0

    def add(self, columns: Mapping[str, Column]) -> None:
        """Keep some rows; all columns are of the same length."""
        self._pending.append(columns)
        self._pending_rows += len(next(iter(columns.values())))
        if self._pending_rows >= self.block_rows:
            self._write(self._pending_rows // self.block_rows * self.block_rows)

    def finish(self) -> None:
        """Keep the last rows; call it before anything is read."""
        self._write(self._pending_rows)

    def _write(self, rows: int) -> None:
        """Write so many of the rows that came, in whole blocks but for the last."""
        joined = {
            name: np.concatenate([part[name] for part in self._pending])
            for name in (self._types if self._pending else ())
        }
        for start in range(0, rows, self.block_rows):
            end = min(start + self.block_rows, rows)
            for name, kind in self._types.items():
                self._file.write(np.ascontiguousarray(joined[name][start:end], kind).data)
        self._file.flush()
        # A view would keep what was written.
        rest = {name: column[rows:].copy() for name, column in joined.items()}
        self.rows, self._pending_rows = self.rows + rows, self._pending_rows - rows
        self._pending = [rest] if self._pending_rows else []

    def blocks(self) -> Iterator[Block]:
        """Yield the rows in the order in which they came."""
        for first in range(0, self.rows, self.block_rows):
            yield Block(self, first, min(self.block_rows, self.rows - first))

    def read(self, name: str, first: int, rows: int) -> Column:
        """Return a column of one block."""
        place = first * self._row_bytes
        for other, kind in self._types.items():
            if other == name:
                break
            place += kind.itemsize * rows
        kind = self._types[name]
        content = os.pread(self._file.fileno(), rows * kind.itemsize, place)
        return np.frombuffer(content, kind)


class Block:
    """Some rows that are kept, whose columns are read one by one."""

    def __init__(self, kept: KeptColumns, first: int, rows: int) -> None:
        """Take the place of the first row, and how many they are."""
        self._kept, self.first, self.rows = kept, first, rows

    def read(self, name: str) -> Column:
        """Return a column; it cannot be written to."""
        return self._kept.read(name, self.first, self.rows)
