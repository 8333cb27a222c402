"""How something ended is told, whatever fails after its end."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from pocketaws import PocketawsError, plain
from workflow.errors import WorkflowError


class Ending:
    """A context that prints, at its end, what has been set as its report, and then what failed.

    Attributes:
        report: returns what to print; None until the end is known.
    """

    def __init__(self) -> None:
        self.report: Callable[[], str] | None = None
        self._failures: list[str] = []

    @property
    def failed(self) -> bool:
        """Whether something failed after the end."""
        return bool(self._failures)

    @contextlib.contextmanager
    def attempt(self, subject: str) -> Iterator[None]:
        """Go on after what fails in the context, and tell it at the end.

        Args:
            subject: what is attempted, such as "the files of the execution".
        """
        try:
            yield
        except (WorkflowError, PocketawsError) as error:
            self._failures.append(str(error))
        # Whatever it is: it must not hide how the execution ended.
        except Exception as error:
            self._failures.append(f"{subject}: {type(error).__name__}: {error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        exc_traceback: TracebackType | None,
    ) -> None:
        if self.report is not None:
            with self.attempt("the report"):
                print(plain(self.report()), flush=True)
        for failure in self._failures:
            print(plain(f"error: {failure}"), file=sys.stderr)
