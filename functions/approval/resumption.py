"""What the registry decided, passed on to the execution that waits for it."""

import json
from typing import Any, Final

import store
from plain import one_line
from registry import APPROVED, ModelPackage
from store import Table

_ERROR: Final = "ModelRejected"
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html
_CAUSE_MAXIMUM: Final = 32_768


def pass_on(package: ModelPackage, *, table: Table, stepfunctions: Any, now: int) -> str:
    """Resume the execution that waits for a package, if it was decided and one does.

    Events come twice and late, so that a token may be spent already; that is no error.

    Returns:
        What was done, for the log.

    Raises:
        botocore.exceptions.ClientError: DynamoDB or Step Functions refused; trying again may help.
    """
    if not package.is_decided:
        return f"nothing is decided, its status is {package.status}"
    task_token = store.get_task_token(package.arn, table=table)
    if task_token is None:
        return f"it is {package.status} and no execution waits for it"
    words = _send(package, task_token, stepfunctions=stepfunctions)
    store.close(package.arn, package.status, task_token=task_token, now=now, table=table)
    return words


def _send(package: ModelPackage, task_token: str, *, stepfunctions: Any) -> str:
    errors = stepfunctions.exceptions
    try:
        if package.status == APPROVED:
            stepfunctions.send_task_success(taskToken=task_token, output=_output(package))
        else:
            cause = _refusal(package)[:_CAUSE_MAXIMUM]
            stepfunctions.send_task_failure(taskToken=task_token, error=_ERROR, cause=cause)
    except (errors.TaskTimedOut, errors.TaskDoesNotExist, errors.InvalidToken) as error:
        return f"it is {package.status} and the execution no longer waits: {type(error).__name__}"
    return f"it is {package.status} and the execution goes on"


def _output(package: ModelPackage) -> str:
    return json.dumps(
        {
            "decision": package.status,
            "description": package.description,
            "decided_by": package.decided_by,
        }
    )


def _refusal(package: ModelPackage) -> str:
    name = package.arn.partition(":model-package/")[2]
    by = f" by {package.decided_by}" if package.decided_by else ""
    description = one_line(package.description or "") or "no reason was given"
    return f"model package {name} was rejected{by}: {description}"
