"""What failed: the errors that the states' Catch fields keep, and their reasons in words.

`failures` of the execution's state has a key for each state that failed: the state's name in
snake case, with Step Functions' `Error` and `Cause`. The Cause is a text, which is JSON where a
Lambda function failed (its error) or a SageMaker job (its description).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Of the description of a job: what its script left in /opt/ml/output/message, and SageMaker's own.
_REASON_KEYS: Final = ("ExitMessage", "FailureReason")
# What SageMaker says of a processing job that failed, where the job itself says why.
_SAYS_NOTHING: Final = "AlgorithmError: See job logs"
_JOB_KEYS: Final = ("ProcessingJob", "TrainingJob", "TransformJob")
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
    """One state's failure; `error` and `cause` are Step Functions' own, empty where it gave none.

    `job_name` is None where no SageMaker job failed.
    """

    state_name: str
    error: str
    cause: str
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
    error, cause = str(fields.get("Error") or ""), str(fields.get("Cause") or "")
    description = _parsed(cause)
    return Failure(
        state_name=key.replace("_", " ").capitalize(),
        error=error,
        cause=cause,
        reason=_described_reason(description) or cause or _in_words(key, error),
        job_name=_job_name(description),
    )


def _in_words(key: str, error: str) -> str:
    if (key, error) == ("wait_for_approval", "States.Timeout"):
        return _NOBODY_ANSWERED
    return _WORDS.get(error, "no reason was given")


def _parsed(cause: str) -> Mapping[str, Any]:
    """Return a Cause that is a JSON object, and an empty one for any other text."""
    try:
        parsed = json.loads(cause)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, Mapping) else {}


def _described_reason(description: Mapping[str, Any]) -> str:
    if "errorMessage" in description:
        # The stack trace stays in the function's log.
        kind, text = description.get("errorType"), description["errorMessage"]
        return f"{kind}: {text}" if kind else str(text)
    reasons = [str(description[key]) for key in _REASON_KEYS if description.get(key)]
    own = [reason for reason in reasons if not reason.startswith(_SAYS_NOTHING)]
    if reasons:
        return "\n".join(dict.fromkeys(own or reasons))
    statuses = [description.get(f"{job}Status") for job in _JOB_KEYS]
    return "".join(f"the job's status is {status}" for status in statuses if status)


def _job_name(description: Mapping[str, Any]) -> str | None:
    names = [description.get(f"{job}Name") for job in _JOB_KEYS]
    return next((str(name) for name in names if name), None)
