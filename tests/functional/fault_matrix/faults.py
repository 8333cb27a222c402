"""What can happen to a task, by the kind of its resource.

The errors' names are Step Functions': what an optimised integration of SageMaker does not model is
SageMaker.AmazonSageMakerException, what the AWS SDK integration does not model bears the service's
own name (docs/design.md), and a function's error is what its handler raised. A role that may not
call a function gets Lambda.AWSLambdaException:
https://github.com/awslabs/aws-deployment-framework/issues/460
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pocketaws.gate.faults import Answer, Fault, Hang, JobEnd, function_error
from tests.functional.fault_matrix.calls import Call, Kind, call_of
from tests.functional.fault_matrix.definition import (
    FOR_EVER,
    RUNTIME_ERROR,
    Failing,
    Machine,
    readers_of,
)

# Of the state machine that runs the timeouts; longer than the jobs take while several executions
# share two cores. The state gives up before the call does.
SHORT_TIMEOUT_SECONDS: Final = 8
_HANG_SECONDS: Final = SHORT_TIMEOUT_SECONDS + 2
_WHY: Final = "the fault matrix says so"
_FUNCTION_ERROR: Final = "FunctionBroke"


class What(StrEnum):
    """A column of the matrix."""

    THROTTLED = "throttled"
    THROTTLED_FOR_EVER = "throttled for ever"
    SERVICE_ERROR = "service error"
    ACCESS_DENIED = "access denied"
    FAILED = "failed"
    STOPPED = "stopped"
    TIMEOUT = "timeout"
    MALFORMED = "malformed"


# The codes that a call is refused with.
_LAMBDA_CODES: Final = {
    What.THROTTLED: "TooManyRequestsException",
    What.THROTTLED_FOR_EVER: "TooManyRequestsException",
    What.SERVICE_ERROR: "ServiceException",
    What.ACCESS_DENIED: "AWSLambdaException",
}
_SAGEMAKER_CODES: Final = {
    What.THROTTLED: "ThrottlingException",
    What.THROTTLED_FOR_EVER: "ThrottlingException",
    What.SERVICE_ERROR: "InternalFailure",
    What.ACCESS_DENIED: "AccessDeniedException",
}
_INVOKED: Final = (Kind.FUNCTION, Kind.CALLBACK)


@dataclass(frozen=True)
class Happening:
    """One thing that happens to a task.

    Attributes:
        failing: the states that fail of it, by name.
        fault: what brings it about, with {name} in its texts for the execution's; None where it
            is what a person does, or does not.
        answer: a person's, where the task waits for one: Approved, Rejected, or none at all.
    """

    failing: Mapping[str, Failing]
    fault: Fault | None
    answer: str | None = "Approved"


def happening(machine: Machine, name: str, what: What) -> Happening | None:
    """Return what a fault does to a task; None where it cannot happen to its kind."""
    call = call_of(machine, name)
    if what in _LAMBDA_CODES:
        return _refused(call, name, what)
    if what is What.TIMEOUT:
        return _timeout(call, name)
    if what is What.MALFORMED:
        return _malformed(machine, call, name)
    return _ended(call, name, what)


def leading_to(machine: Machine, name: str, caught: str) -> Happening:
    """Return what makes a task fail with an error that one of its Catchers names.

    Raises:
        ValueError: nothing is known to bring the error about.
    """
    call = call_of(machine, name)
    if caught == "States.ALL":
        return _ended(call, name, What.FAILED) or _refused(call, name, What.ACCESS_DENIED)
    if caught == "ModelRejected" and call.kind is Kind.CALLBACK:
        return Happening({name: Failing(caught)}, fault=None, answer="Rejected")
    raise ValueError(f"{name}: say in fault_matrix what brings {caught} about")


def answered(machine: Machine, name: str, answer: Mapping[str, Any]) -> Fault:
    """Return what has a task be answered so, whatever else there is at that time."""
    return _fault(call_of(machine, name), instead=Answer(json.dumps(answer)))


def _refused(call: Call, name: str, what: What) -> Happening:
    times = 2 if what is What.THROTTLED else FOR_EVER
    code = (_LAMBDA_CODES if call.kind in _INVOKED else _SAGEMAKER_CODES)[what]
    if call.kind in _INVOKED:
        error = f"Lambda.{code}"
    else:
        of_sdk = call.kind is Kind.SDK
        error = f"SageMaker.{'SageMakerException' if of_sdk else 'AmazonSageMakerException'}"
    return Happening({name: Failing(error, times)}, _fault(call, times=times, code=code))


def _ended(call: Call, name: str, what: What) -> Happening | None:
    if call.kind is Kind.JOB:
        end = JobEnd("Failed", _WHY) if what is What.FAILED else JobEnd("Stopped")
        return Happening({name: Failing("States.TaskFailed")}, _fault(call, instead=end))
    if call.kind in _INVOKED and what is What.FAILED:
        error = function_error(_FUNCTION_ERROR, _WHY)
        return Happening({name: Failing(_FUNCTION_ERROR)}, _fault(call, instead=error))
    return None


def _timeout(call: Call, name: str) -> Happening:
    failing = {name: Failing("States.Timeout")}
    if call.kind is Kind.CALLBACK:
        return Happening(failing, fault=None, answer=None)
    of_job = call.kind is Kind.JOB
    instead = JobEnd("Stopped", endless=True) if of_job else Hang(_HANG_SECONDS)
    return Happening(failing, _fault(call, instead=instead))


def _malformed(machine: Machine, call: Call, name: str) -> Happening | None:
    """Have a result lack what is read of it, so that every state that reads it fails."""
    readers = readers_of(machine, name)
    if not readers:
        return None
    instead: Answer | JobEnd
    if call.kind is Kind.JOB:
        instead = JobEnd("Completed", lacks=("ModelArtifacts", "BestTrainingJob"))
    else:
        # null is what a function answers that forgets its return. Where it became the execution's
        # whole state, an engine whose States.ALL takes that in has no object to put it into.
        picks = "ResultSelector" in machine["States"][name]
        instead = Answer("null" if picks else "{}")
    failing = {reader: Failing(RUNTIME_ERROR) for reader in readers}
    return Happening(failing, _fault(call, instead=instead))


def _fault(call: Call, *, times: int = FOR_EVER, **effect: Any) -> Fault:
    return Fault(
        call.service,
        call.operation,
        message=_WHY,
        times=times,
        subject=call.subject,
        texts=(*call.texts, call.own),
        **effect,
    )
