"""The MD5 of a file, begun before somebody asks for it.

It is the ETag of an object that was put in one request:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
"""

import contextlib
import hashlib
import io
import threading
from pathlib import Path

from pocketaws.background import do_later


def md5_of(file: io.BytesIO | io.FileIO) -> str:
    """Return the digest of what follows in a file, hexadecimal; other threads run meanwhile."""
    return hashlib.file_digest(file, _md5).hexdigest()


def _md5() -> "hashlib._Hash":
    return hashlib.md5(usedforsecurity=False)


class Digest:
    """The MD5 of what a file holds, which nobody writes to.

    Args:
        path: of the file.
    """

    __slots__ = ("_lock", "_path", "_value")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._value: str | None = None

    def begin(self) -> None:
        """Have it made in a thread, after those that were begun before."""
        do_later(self._make)

    def hexdigest(self) -> str:
        """Return it; who comes while it is made waits, and does not make it again.

        Raises:
            OSError: the file cannot be read.
        """
        with self._lock:
            if self._value is None:
                with self._path.open("rb", buffering=0) as file:
                    self._value = md5_of(file)
            return self._value

    def _make(self) -> None:
        # A file that has gone with its object; else who asks is told.
        with contextlib.suppress(OSError):
            self.hexdigest()
