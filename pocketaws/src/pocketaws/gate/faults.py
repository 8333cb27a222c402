"""Faults, to practise failure: what meets a call, or the job that it creates, instead of success.

A fault answers *instead of* the call: what the call asks for is not done. The exceptions are the
ends of jobs, whose Create call is carried out.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Literal

from pocketaws.calls import Call


@dataclass(frozen=True)
class Answer:
    """What a call answers as if it had been carried out.

    Attributes:
        body: of the response, JSON.
        headers: more of them, names and values.
    """

    body: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Hang:
    """No answer for so long; then an error, which the caller should not be there to see."""

    seconds: float


@dataclass(frozen=True)
class JobEnd:
    """How a job ends whose Create call is carried out.

    Attributes:
        status: Failed and Stopped end it before its work; Completed after it.
        reason: of a failure, SageMaker's FailureReason.
        endless: it runs until it is stopped, and only then has its status.
        lacks: fields that its description is left without.
    """

    status: Literal["Completed", "Failed", "Stopped"]
    reason: str = ""
    endless: bool = False
    lacks: tuple[str, ...] = ()


@dataclass
class Fault:
    """What meets a call instead of its being carried out: an error, or what `instead` says.

    Attributes:
        service: botocore's name, such as "sagemaker".
        operation: such as "CreateTrainingJob".
        code: AWS's error code, such as "ThrottlingException".
        times: how many calls it hits; each counts it down.
        subject: of Lambda's Invoke, a part of the function's name; empty hits every function.
        texts: parts of the request's body, all of which it must have; none hits every request.
            White space after JSON's colons and commas does not matter.
    """

    service: str
    operation: str
    code: str = "InternalFailure"
    message: str = "Rate exceeded"
    times: int = 1
    subject: str = ""
    texts: tuple[str, ...] = ()
    instead: Answer | Hang | JobEnd | None = None

    def hits(self, call: Call, body: Callable[[], bytes] = bytes) -> bool:
        """Tell whether this meets a call; `body` is asked for only where it matters."""
        named = (self.service, self.operation) == (call.service, call.operation)
        if not named or self.times <= 0 or self.subject not in call.subject:
            return False
        return not self.texts or self._is_in(body().decode(errors="replace"))

    def _is_in(self, text: str) -> bool:
        compact = _compact(text)
        return all(part in text or _compact(part) in compact for part in self.texts)


def _compact(text: str) -> str:
    """Return JSON as those write it who leave the white space out: SDKs do not, engines do."""
    return text.replace('": ', '":').replace(', "', ',"')


def function_error(error_type: str, message: str) -> Answer:
    """Return what Invoke answers where the handler has raised an error.

    https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    body = json.dumps({"errorType": error_type, "errorMessage": message})
    return Answer(body, headers=(("X-Amz-Function-Error", "Unhandled"),))


# A Create call and the job that it makes are seen by different modules, in one thread.
_job_end: Final[ContextVar[JobEnd | None]] = ContextVar("_job_end", default=None)


@contextmanager
def ending_jobs(end: JobEnd | None) -> Iterator[None]:
    """Have the jobs that are created in the context, in this thread, end in a certain way."""
    token = _job_end.set(end)
    try:
        yield
    finally:
        _job_end.reset(token)


def job_end() -> JobEnd | None:
    """Return how a job that is created now shall end; None lets it do its work."""
    return _job_end.get()
