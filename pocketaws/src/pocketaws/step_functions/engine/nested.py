"""Executions that a task starts, and waits for.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
"""

import json
import threading
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from pocketaws.gate.rules import java_name
from pocketaws.step_functions.engine import sdk_names, shapes
from pocketaws.step_functions.engine.call_errors import state_error
from pocketaws.step_functions.engine.documents import json_text, milliseconds
from pocketaws.step_functions.engine.errors import TASK_FAILED, StateError

_LOOK_SECONDS: Final = 0.1


def result(client: Any, execution_arn: str, ended: threading.Event, *, parsed: bool) -> Any:
    """Wait for an execution's end and return its description.

    Args:
        client: of Step Functions, in the task's role.
        execution_arn: of the execution.
        ended: set when nobody waits any more; the execution is stopped then.
        parsed: whether its input and output are values rather than their JSON.

    Raises:
        StateError: `States.TaskFailed`, where it did not succeed.
    """
    try:
        described = _described(client, execution_arn, ended)
    except ClientError as error:
        raise state_error("states", error) from error
    except BotoCoreError as error:
        raise StateError(TASK_FAILED, str(error)) from error
    model = sdk_names.operation("stepfunctions", "describeExecution")
    assert model is not None, "it is botocore's"  # noqa: S101
    told = shapes.answer(described, model.output_shape, named=java_name, time_told=milliseconds)
    if parsed:
        told.update({name: json.loads(told[name]) for name in ("Input", "Output") if name in told})
    if described["status"] != "SUCCEEDED":
        raise StateError(TASK_FAILED, json_text(told))
    return told


def _described(client: Any, execution_arn: str, ended: threading.Event) -> Any:
    while True:
        described = client.describe_execution(executionArn=execution_arn)
        if described["status"] != "RUNNING":
            return described
        if ended.wait(_LOOK_SECONDS):
            client.stop_execution(executionArn=execution_arn)
