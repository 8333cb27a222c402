"""Step Functions: tasks are answered by their tokens."""

import json
from collections.abc import Callable
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import AWSError
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change
from pocketaws.step_functions.engine.documents import nested_too_deeply, nesting_problem
from pocketaws.step_functions.engine.tokens import TokenClosedError, Tokens, UnknownTokenError

_CLOSED: Final = "Task Timed Out: 'Provided task does not exist anymore'"
_UNKNOWN: Final = "Invalid Token: 'Invalid token'"
_NOT_JSON: Final = "Invalid Output: 'The provided JSON output data is not valid.'"


def changes(tokens: Tokens) -> list[Change]:
    """Return what to change in moto's Step Functions."""
    return [
        Change(StepFunctionResponse, "send_task_success", _success(tokens)),
        Change(StepFunctionResponse, "send_task_failure", _failure(tokens)),
        Change(StepFunctionResponse, "send_task_heartbeat", _heartbeat(tokens)),
    ]


def _success(tokens: Tokens) -> Callable[..., ActionResult]:
    def send_task_success(self: StepFunctionResponse) -> ActionResult:
        text = self._get_param("output")
        if nested_too_deeply(text):
            raise AWSError(f"Invalid Output: {nesting_problem('it')}", "InvalidOutput")
        try:
            output = json.loads(text)
        except ValueError as error:
            raise AWSError(_NOT_JSON, "InvalidOutput") from error
        return _answered(lambda: tokens.succeed(self._get_param("taskToken"), output))

    return send_task_success


def _failure(tokens: Tokens) -> Callable[..., ActionResult]:
    def send_task_failure(self: StepFunctionResponse) -> ActionResult:
        token, error, cause = map(self._get_param, ("taskToken", "error", "cause"))
        return _answered(lambda: tokens.fail(token, error, cause))

    return send_task_failure


def _heartbeat(tokens: Tokens) -> Callable[..., ActionResult]:
    def send_task_heartbeat(self: StepFunctionResponse) -> ActionResult:
        return _answered(lambda: tokens.beat(self._get_param("taskToken")))

    return send_task_heartbeat


def _answered(answer: Callable[[], Any]) -> ActionResult:
    try:
        answer()
    except TokenClosedError as error:
        raise AWSError(_CLOSED, "TaskTimedOut") from error
    except UnknownTokenError as error:
        raise AWSError(_UNKNOWN, "InvalidToken") from error
    return EmptyResult()
