"""Files that change hands without their bytes going through this process.

A file that nobody writes to any more gets a second name; of any other `copies.py` makes a copy.
"""

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from botocore.response import StreamingBody

from pocketaws.copies import copy, link
from pocketaws.digests import Digest

# Where the environment of a request has what its body holds, in place of the body.
BODY_KEY: Final = "pocketaws.body"
_FETCHING: Final[ContextVar[bool]] = ContextVar("fetching", default=False)


@dataclass(frozen=True)
class Handed:
    """What a file holds, for whoever takes it over.

    Attributes:
        path: of the file.
        size: in bytes, of what is taken.
        is_final: whether nobody writes to the file any more.
        spans: where what is taken lies, offsets and sizes; all of the file where it is None.
        keeper: without which the file would go.
        digest: of the whole file, where somebody has begun it.
    """

    path: Path
    size: int
    is_final: bool = False
    spans: Sequence[tuple[int, int]] | None = None
    keeper: object = None
    digest: Digest | None = None

    def __len__(self) -> int:
        return self.size

    def read(self) -> bytes:
        """Return all of it."""
        with self.path.open("rb") as file:
            spans = [(0, self.size)] if self.spans is None else self.spans
            return b"".join(os.pread(file.fileno(), size, offset) for offset, size in spans)

    def put(self, target: Path) -> None:
        """Have another path hold it, which is not there yet.

        Raises:
            OSError: it cannot be had, or there is no room; nothing is left at the path.
        """
        if self.is_final and self.spans is None:
            link(self.path, target)
            return
        with self.path.open("rb") as source:
            copy(source, target, self.spans)


class HandedFile(io.FileIO):
    """A file as the body of PutObject, which the emulated S3 may take as it is.

    Args:
        path: of the file.
        is_final: whether nobody writes to the file any more.
        digest: of such a file, where it has been begun.
    """

    def __init__(self, path: Path, *, is_final: bool, digest: Digest | None = None) -> None:
        super().__init__(path, "rb")
        size = os.fstat(self.fileno()).st_size
        self.handed = Handed(path, size, is_final, digest=digest if is_final else None)


class HeldFile(io.FileIO):
    """What an object holds, open: it stays what it is, whatever becomes of the object.

    Args:
        path: of the file, which nobody writes to.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._path = path

    def put(self, target: Path, *, only_read: bool) -> None:
        """Have another path hold it, in place of what is there.

        Args:
            target: in a folder that is there.
            only_read: whether nobody will write to that path.

        Raises:
            OSError: there is no room, or the path cannot be had.
        """
        target.unlink(missing_ok=True)
        if only_read:
            with suppress(OSError):
                os.link(self._path, target)
                return
        copy(self, target)


class HeldBody(StreamingBody):  # type: ignore[misc]
    """The body of an answer to GetObject that a file holds, or a few bytes do."""

    def put(self, target: Path, *, only_read: bool) -> bool:
        """Have a path hold it, as HeldFile does; False where it has to be read and written."""
        if not isinstance(self._raw_stream, HeldFile):
            return False
        self._raw_stream.put(target, only_read=only_read)
        return True


@contextmanager
def fetching() -> Iterator[None]:
    """Have what is got of S3, in this context, be given as files."""
    token = _FETCHING.set(True)
    try:
        yield
    finally:
        _FETCHING.reset(token)


def is_fetching() -> bool:
    """Tell whether what is got shall be given as files."""
    return _FETCHING.get()
