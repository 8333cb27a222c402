"""A copy of a file that is made, and digested, while something else is done."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from pocketaws.background import do_later
from pocketaws.copies import copy
from pocketaws.digests import Digest

if TYPE_CHECKING:
    from pocketaws.handed import HandedFile


class EarlyCopy:
    """The copy; it is made from now on, in a thread, after those that were begun before.

    Nobody writes to it.

    Args:
        source: of which it is made.
        target: where nothing is yet; it stays there until its object is put and digested.
        watched: returns the context to copy in, which may refuse a file that changes meanwhile.
    """

    def __init__(
        self, source: Path, target: Path, *, watched: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._target = target
        self._digest = Digest(target)
        self._error: BaseException | None = None
        self._is_wanted = True
        self._ended = threading.Event()
        do_later(lambda: self._make(source, watched))

    def wait(self) -> None:
        """Wait until it is made, or could not be."""
        self._ended.wait()

    def leave_out(self) -> None:
        """Do not make it, where that has not begun."""
        self._is_wanted = False

    def handed(self) -> "HandedFile":
        """Return it as the body of PutObject.

        Raises:
            Exception: what the copying has raised, or its context.
        """
        from pocketaws.handed import HandedFile

        self.wait()
        if self._error is not None:
            raise self._error
        return HandedFile(self._target, is_final=True, digest=self._digest)

    def _make(self, source: Path, watched: Callable[[], AbstractContextManager[None]]) -> None:
        try:
            if self._is_wanted:
                with watched(), source.open("rb", buffering=0) as file:
                    copy(file, self._target)
                self._digest.begin()
        except BaseException as error:
            self._error = error
        finally:
            self._ended.set()
