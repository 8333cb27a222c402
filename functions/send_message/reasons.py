"""Why a state failed, in the words of the job or the function that did.

The Cause of an error is a text, which is JSON where a Lambda function failed (its error) or a
SageMaker job (its description). Every function that tells a Cause has this file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# Of the description of a job: what its script left in /opt/ml/output/message, and SageMaker's own.
_REASON_KEYS: Final = ("ExitMessage", "FailureReason")
# What SageMaker says of a processing job that failed, where the job itself says why.
_SAYS_NOTHING: Final = "AlgorithmError: See job logs"
_JOB_KEYS: Final = (
    "ProcessingJob",
    "TrainingJob",
    "HyperParameterTuningJob",
    "TransformJob",
)


@dataclass(frozen=True)
class Reason:
    """What a Cause says: `text` is empty where it says nothing, `job_name` None where no job is."""

    text: str
    job_name: str | None


def reason_of(error: str, cause: str) -> Reason:
    """Return the reason in an error and its cause, as Step Functions gives them."""
    description = _parsed(cause)
    return Reason(_described(error, description) or cause, _job_name(description))


def _parsed(cause: str) -> Mapping[str, Any]:
    """Return a Cause that is a JSON object, and an empty one for any other text."""
    try:
        parsed = json.loads(cause)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, Mapping) else {}


def _described(error: str, description: Mapping[str, Any]) -> str:
    if "errorMessage" in description:
        # The stack trace stays in the function's log, and what is the error's name is said already.
        kind, text = description.get("errorType"), description["errorMessage"]
        return f"{kind}: {text}" if kind and kind != error else str(text)
    reasons = [str(description[key]) for key in _REASON_KEYS if description.get(key)]
    own = [reason for reason in reasons if not reason.startswith(_SAYS_NOTHING)]
    return "\n".join(dict.fromkeys([*(own or reasons), *_status(description, told=bool(reasons))]))


def _status(description: Mapping[str, Any], *, told: bool) -> list[str]:
    statuses = [description.get(f"{job}Status") for job in _JOB_KEYS]
    status = next((str(status) for status in statuses if status), "")
    if status == "Stopped":
        return [f"the job was stopped ({description.get('SecondaryStatus') or 'on request'})"]
    return [f"the job's status is {status}"] if status and not told else []


def _job_name(description: Mapping[str, Any]) -> str | None:
    names = [description.get(f"{job}Name") for job in _JOB_KEYS]
    return next((str(name) for name in names if name), None)
