"""How a state fails, and how an execution ends from outside."""

from typing import Final

RUNTIME: Final = "States.Runtime"
DATA_LIMIT: Final = "States.DataLimitExceeded"
QUERY: Final = "States.QueryEvaluationError"
INTRINSIC: Final = "States.IntrinsicFailure"
TIMEOUT: Final = "States.Timeout"
HEARTBEAT: Final = "States.HeartbeatTimeout"
TASK_FAILED: Final = "States.TaskFailed"
NO_CHOICE: Final = "States.NoChoiceMatched"
RESULT_PATH: Final = "States.ResultPathMatchFailure"
PERMISSIONS: Final = "States.Permissions"
ITEM_READER: Final = "States.ItemReaderFailed"
RESULT_WRITER: Final = "States.ResultWriterFailed"
TOO_MANY_FAILED: Final = "States.ExceedToleratedFailureThreshold"

# The service itself noticed these; their causes name the state.
_NOTICED: Final = (RUNTIME, QUERY, INTRINSIC, NO_CHOICE, RESULT_PATH)
# End every execution: no Retry and no Catch meets them.
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_FATAL: Final = (RUNTIME, DATA_LIMIT)


class StateError(Exception):
    """A state failed.

    Attributes:
        error: its name; None where whoever answered for a task gave none.
        cause: what is told about it.
        location: the field whose expression failed, of a `States.QueryEvaluationError`.
        heartbeat: whether it is a `States.Timeout` because nobody sent a heartbeat.
        placed: whether the cause says where it happened.
    """

    def __init__(
        self,
        error: str | None,
        cause: str | None = "",
        *,
        location: str = "",
        heartbeat: bool = False,
    ) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.location = location
        self.heartbeat = heartbeat
        self.placed = False

    @property
    def fatal(self) -> bool:
        """Whether no Retry and no Catch meets it."""
        return self.error in _FATAL

    def place(self, state_name: str, entered_id: int) -> None:
        """Say in the cause where it happened, once, where the service itself noticed it."""
        if self.error in _NOTICED and not self.placed:
            where = f"the state '{state_name}' (entered at the event id #{entered_id})"
            self.cause = f"An error occurred while executing {where}. {self.cause}"
        self.placed = True

    def output(self) -> dict[str, str]:
        """Return what a Catch gets."""
        return {"Error": self.error or "", "Cause": self.cause or ""}

    def details(self) -> dict[str, str]:
        """Return what a history's event tells; what is empty is left out."""
        fields = {"error": self.error, "cause": self.cause}
        return {name: value for name, value in fields.items() if value}


class EndedFromOutside(Exception):  # noqa: N818 - it is no error
    """The execution, or the branch that this happens in, has been ended from outside."""


def runtime_error(cause: str) -> StateError:
    """Return the error of a state that cannot go on."""
    return StateError(RUNTIME, cause)
