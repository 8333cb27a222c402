"""The MD5 of a file, begun before somebody asks for it.

It is the ETag of an object that was put in one request:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
"""

import contextlib
import hashlib
import io
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Final


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
        _BACKGROUND.do(self._make)

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


class _Background:
    """One thread, which does one thing after the other from the first on."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[[], None]) -> None:
        self._waiting.put(work)
        with self._starting:
            # A process that was forked has no such thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="digests", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            self._waiting.get()()


_BACKGROUND: Final = _Background()
