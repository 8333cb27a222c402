"""How an execution ended, and whether it has told so itself."""

import datetime
from dataclasses import dataclass
from typing import Any, Final

# A Fail state of ours never uses these names, so such an error was caught by no state.
_STEP_FUNCTIONS_OWN: Final = "States."
# Of the Fail state after a message that could not be sent.
_UNTOLD: Final = "MessageNotSent"


@dataclass(frozen=True)
class Ending:
    """The end of an execution, as Step Functions describes it.

    Attributes:
        status: FAILED, TIMED_OUT, ABORTED, or another, which needs no closing.
        error: the error's name; empty where there is none.
        cause: what was said about it; empty likewise.
        started: the execution's start.
    """

    execution_arn: str
    status: str
    error: str
    cause: str
    started: datetime.datetime

    @property
    def is_unreported(self) -> bool:
        """Whether no state of the execution has told of its end."""
        if self.status == "FAILED":
            return self.is_untold or self.error.startswith(_STEP_FUNCTIONS_OWN)
        return self.status in ("TIMED_OUT", "ABORTED")

    @property
    def is_untold(self) -> bool:
        """Whether a state tried to tell of a failure, and could not."""
        return self.status == "FAILED" and self.error == _UNTOLD


def ending_of(execution_arn: str, *, stepfunctions: Any) -> Ending:
    """Return how an execution ended; the event about it may leave out error and cause."""
    described = stepfunctions.describe_execution(executionArn=execution_arn)
    return Ending(
        execution_arn,
        described["status"],
        described.get("error") or "",
        described.get("cause") or "",
        described["startDate"],
    )
