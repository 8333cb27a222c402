"""Step Functions: how executions end, and that EventBridge is told of it."""

from collections.abc import Callable
from typing import Any, Final

from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import (
    ErrorEqualsDecl,
)
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication

from pocketaws.change import Change
from pocketaws.events.moto.events import raise_event

# Errors that end every execution: States.ALL does not name them.
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
_NOT_IN_ALL: Final = ("States.Runtime", "States.DataLimitExceeded")
_DETAIL_TYPE: Final = "Step Functions Execution Status Change"


def changes() -> list[Change]:
    """Return what to change in moto's Step Functions; see `told` for the rest."""
    return [Change(ErrorEqualsDecl, "_eval_body", _not_all_errors())]


def told(terminated: Callable[..., Any]) -> Callable[..., Any]:
    """Return what happens at an execution's end, with the event that AWS raises about it.

    https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """

    def and_tell(self: BaseExecutionWorkerCommunication) -> None:
        terminated(self)
        _tell(self.execution)

    return and_tell


def _tell(execution: Any) -> None:
    detail = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine.arn,
        "name": execution.name,
        "status": execution.exec_status.value,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date),
        "error": execution.error,
        "cause": execution.cause,
    }
    raise_event(_DETAIL_TYPE, detail, source="aws.states", resource_arn=execution.exec_arn)


def _milliseconds(time: Any) -> int:
    return int(time.timestamp() * 1000)


def _not_all_errors() -> Callable[[Any, Any], None]:
    original = ErrorEqualsDecl._eval_body

    def eval_body(self: Any, env: Any) -> None:
        if env.stack[-1].error_name in _NOT_IN_ALL and self._STATE_ALL_ERROR in self.error_names:
            env.stack[-1] = False
        else:
            original(self, env)

    return eval_body
