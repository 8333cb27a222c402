"""What EventBridge is told when an execution begins, ends or is redriven.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from typing import Any, Final

from pocketaws.step_functions.engine.documents import milliseconds
from pocketaws.step_functions.engine.execution import EngineExecution

DETAIL_TYPE: Final = "Step Functions Execution Status Change"
# Larger ones are left out.
_MOST_BYTES: Final = 248 * 1024


def detail(execution: EngineExecution) -> dict[str, Any]:
    """Return the detail of the event about how an execution stands now."""
    plan = execution.plan
    told, told_details = _included(plan.input)
    output, output_details = _included(execution.output)
    reason = execution.why_not_redrivable()
    return {
        "executionArn": plan.arn,
        "stateMachineArn": plan.machine_arn,
        "name": plan.name,
        "status": execution.status,
        "startDate": milliseconds(execution.start_date),
        "stopDate": execution.stop_date and milliseconds(execution.stop_date),
        "input": told,
        "output": output,
        "stateMachineVersionArn": plan.version_arn,
        "stateMachineAliasArn": plan.alias_arn,
        "redriveCount": execution.redrive_count,
        "redriveDate": execution.redrive_date and milliseconds(execution.redrive_date),
        "redriveStatus": "NOT_REDRIVABLE" if reason else "REDRIVABLE",
        "redriveStatusReason": reason,
        "inputDetails": told_details,
        "outputDetails": output_details,
        "error": execution.error,
        "cause": execution.cause,
    }


def _included(text: str | None) -> tuple[str | None, dict[str, bool] | None]:
    if text is None:
        return None, None
    if len(text.encode()) > _MOST_BYTES:
        return None, {"included": False}
    return text, {"included": True}
