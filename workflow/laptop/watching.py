"""An execution that is watched: shown as it goes, and answered where it asks a person."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pocketaws import Display, Progress
from workflow.errors import WorkflowError
from workflow.laptop.approval import Approver

if TYPE_CHECKING:
    from workflow.laptop.emulated import Emulated


class Watch:
    """Takes an execution's events in, one after the other, as `LocalRuntime.wait` tells them.

    Args:
        runtime: has the messages that the execution publishes.
        screen: shows its states.
        approver: answers it; None where nobody can be asked.

    Attributes:
        progress: its states so far.
        events: of its history so far.
    """

    def __init__(self, runtime: "Emulated", screen: Display, approver: Approver | None) -> None:
        self._runtime = runtime
        self._screen = screen
        self._approver = approver
        self.progress = Progress()
        self.events: list[Mapping[str, Any]] = []

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take in the next event."""
        self.events.append(event)
        self.progress.add(event)
        if self.progress.states:
            self._screen.show(self.progress.states)
        if self._approver is not None:
            self._approver.see(event, self._runtime.messages)


@contextlib.contextmanager
def start_errors() -> Iterator[None]:
    """Turn Step Functions' refusal to start an execution into a line.

    Raises:
        WorkflowError: in its place.
    """
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        details = error.response["Error"]
        raise WorkflowError(
            f"the execution was not started: {details['Code']}: {details['Message']}"
        ) from error
