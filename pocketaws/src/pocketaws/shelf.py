"""What is kept for ever and hardly ever read again, in one file in place of the memory.

An account keeps the history of each execution, the description of each job and the log of each
call, and nobody says when the last of its readers has come. Each is written to the end of a file
that has no name, so that nothing of it is left wherever the process ends, and read from there.
"""

import contextlib
import os
import pickle
import tempfile
import threading
import zlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Final


class Shelf:
    """A file of documents; it begins anew once nobody holds any of them."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._end = 0
        self._held = 0
        # A document may be let go while another is put, in the same thread.
        self._lock = threading.RLock()

    def put(self, packed: bytes) -> int:
        """Write bytes at the end, and return where they begin.

        Raises:
            OSError: such as of a disk that is full.
        """
        with self._lock:
            self._held += 1
            try:
                if self._descriptor < 0:
                    self._descriptor = _nameless()
                at = self._end
                self._end += len(packed)
                _write_all(self._descriptor, packed, at)
            except BaseException:
                self._held -= 1
                raise
        return at

    def get(self, at: int, size: int) -> bytes:
        """Return what was put."""
        return os.pread(self._descriptor, size, at)

    def let_go(self) -> None:
        """Say that one of the documents will not be read again."""
        with self._lock:
            self._held -= 1
            if not self._held:
                self._end = 0
                os.ftruncate(self._descriptor, 0)

    def __del__(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)


_SHELF: Final = Shelf()


class Shelved:
    """A document that lies in the file; in memory, packed, where the disk has no room for it.

    Args:
        document: of anything that can be pickled; what becomes of it later is not seen here.
        shelf: where to put it.
    """

    __slots__ = ("_at", "_packed", "_shelf", "_size")

    def __init__(self, document: Any, shelf: Shelf = _SHELF) -> None:
        packed = zlib.compress(pickle.dumps(document))
        self._shelf = shelf
        self._size = len(packed)
        self._packed: bytes | None = None
        self._at = -1
        try:
            self._at = shelf.put(packed)
        except OSError:
            self._packed = packed

    def __del__(self) -> None:
        """Let the document go."""
        if getattr(self, "_at", -1) >= 0:
            # The interpreter may be ending, and the file be closed.
            with contextlib.suppress(Exception):
                self._shelf.let_go()

    def read(self) -> Any:
        """Return the document, another copy each time."""
        packed = self._packed
        if packed is None:
            packed = self._shelf.get(self._at, self._size)
        return pickle.loads(zlib.decompress(packed))  # noqa: S301 - packed above


class ShelvedMapping(MutableMapping[str, Any]):
    """A mapping that lies there; each look at it reads all of it."""

    __slots__ = ("_shelved",)

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        self._shelved = Shelved(dict(mapping))

    def __getitem__(self, name: str) -> Any:
        """Return a value."""
        return self._read()[name]

    def __setitem__(self, name: str, value: Any) -> None:
        """Set a value; all is written anew."""
        self._shelved = Shelved({**self._read(), name: value})

    def __delitem__(self, name: str) -> None:
        """Take a value out; all is written anew."""
        rest = self._read()
        del rest[name]
        self._shelved = Shelved(rest)

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._read())

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._read())

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = self._shelved.read()
        return found


def _nameless() -> int:
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _write_all(descriptor: int, packed: bytes, at: int) -> None:
    rest = memoryview(packed)
    while rest:
        written = os.pwrite(descriptor, rest, at)
        rest, at = rest[written:], at + written
