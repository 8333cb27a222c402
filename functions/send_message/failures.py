"""What failed: the errors that the states' Catch fields keep, and their reasons in words.

`failures` of the execution's state has a key for each state that failed: the state's name in
snake case, with Step Functions' `Error` and `Cause`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from reasons import reason_of

_OWN_NAMES: Final[Mapping[str, str]] = {
    "States.TaskFailed": "JobFailed",
    "States.Timeout": "TaskTimedOut",
}
_NOBODY_ANSWERED: Final = "nobody approved or rejected the model in the registry in time"
_WORDS: Final[Mapping[str, str]] = {
    "States.Timeout": "it took longer than the state's time limit",
    "States.Permissions": "the state machine's role may not do what the state asks for",
}


@dataclass(frozen=True)
class Failure:
    """One state's failure; `error` is Step Functions' own, empty where it gave none.

    `job_name` is None where no SageMaker job failed.
    """

    state_name: str
    error: str
    reason: str
    job_name: str | None


def failures_of(state: Mapping[str, Any]) -> list[Failure]:
    """Return the failures that a state holds; whatever is there, so that a failure is told."""
    found = state.get("failures")
    if not isinstance(found, Mapping):
        return []
    return [_failure(key, value) for key, value in found.items()]


def own_error_name(error: str) -> str:
    """Return the name that a Fail state may give to what a state failed with.

    Names that begin with `States.` are Step Functions' own and a Fail state must not use them:
    https://states-language.net/spec.html#error-names
    """
    return _OWN_NAMES.get(error) or error.removeprefix("States.") or "ExecutionFailed"


def _failure(key: str, caught: Any) -> Failure:
    fields = caught if isinstance(caught, Mapping) else {}
    error = str(fields.get("Error") or "")
    reason = reason_of(error, str(fields.get("Cause") or ""))
    return Failure(
        state_name=key.replace("_", " ").capitalize(),
        error=error,
        reason=reason.text or _in_words(key, error),
        job_name=reason.job_name,
    )


def _in_words(key: str, error: str) -> str:
    if (key, error) == ("wait_for_approval", "States.Timeout"):
        return _NOBODY_ANSWERED
    return _WORDS.get(error, "no reason was given")
