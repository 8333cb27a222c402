"""What the API tells of executions.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
"""

from collections.abc import Mapping
from typing import Any, Final

from pocketaws.step_functions.engine.execution import SUCCEEDED, TIMED_OUT, EngineExecution

_INCLUDED: Final = {"included": True}


def described(execution: EngineExecution) -> dict[str, Any]:
    """Return what DescribeExecution answers."""
    plan = execution.plan
    reason = execution.why_not_redrivable()
    fields = {
        **_shared(execution),
        "input": plan.input,
        "inputDetails": _INCLUDED,
        "output": execution.output,
        "outputDetails": _INCLUDED if execution.output is not None else None,
        "error": execution.error,
        "cause": execution.cause,
        "traceHeader": plan.trace_header,
        "redriveStatus": "NOT_REDRIVABLE" if reason else "REDRIVABLE",
        "redriveStatusReason": reason,
    }
    return _present(fields)


def listed(execution: EngineExecution) -> dict[str, Any]:
    """Return what ListExecutions answers of it."""
    return _present(_shared(execution))


def ended_at_once(execution: EngineExecution) -> dict[str, Any]:
    """Return what StartSyncExecution answers.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
    """
    plan = execution.plan
    taken = execution.stop_date - execution.start_date
    milliseconds = max(100, -(-int(taken.total_seconds() * 1000) // 100) * 100)
    status = execution.status if execution.status in {SUCCEEDED, TIMED_OUT} else "FAILED"
    fields = {
        "executionArn": plan.arn,
        "stateMachineArn": plan.machine_arn,
        "name": plan.name,
        "startDate": execution.start_date,
        "stopDate": execution.stop_date,
        "status": status,
        "error": execution.error,
        "cause": execution.cause,
        "input": plan.input,
        "inputDetails": _INCLUDED,
        "output": execution.output,
        "outputDetails": _INCLUDED if execution.output is not None else None,
        "traceHeader": plan.trace_header,
        "billingDetails": {
            "billedMemoryUsedInMB": 64,
            "billedDurationInMilliseconds": milliseconds,
        },
    }
    return _present(fields)


def _shared(execution: EngineExecution) -> dict[str, Any]:
    plan = execution.plan
    return {
        "executionArn": plan.arn,
        "stateMachineArn": plan.machine_arn,
        "name": plan.name,
        "status": execution.status,
        "startDate": execution.start_date,
        "stopDate": execution.stop_date,
        "stateMachineVersionArn": plan.version_arn,
        "stateMachineAliasArn": plan.alias_arn,
        "redriveCount": execution.redrive_count,
        "redriveDate": execution.redrive_date,
    }


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
