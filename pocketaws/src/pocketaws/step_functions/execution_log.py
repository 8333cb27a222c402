"""What Step Functions writes into a state machine's log about an execution.

https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from pocketaws.lambda_.function_log import LogEvent

# Left out unless the machine's configuration includes execution data. AWS names input and output;
# a task's parameters are made of them, and may hold a task token.
_FATAL: Final = ("ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut")
_ERROR_ENDINGS: Final = ("Aborted", "Failed", "TimedOut")
_EXECUTION_DATA: Final = ("input", "inputDetails", "output", "outputDetails", "parameters")


def api_configuration(properties: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a template's LoggingConfiguration as the API has it, or None where there is none."""
    configuration = properties.get("LoggingConfiguration")
    if not configuration:
        return None
    groups = [
        {"cloudWatchLogsLogGroup": {"logGroupArn": item["CloudWatchLogsLogGroup"]["LogGroupArn"]}}
        for item in configuration.get("Destinations", [])
    ]
    included = str(configuration.get("IncludeExecutionData", "")).lower() == "true"
    return {
        "level": configuration.get("Level", "OFF"),
        "includeExecutionData": included,
        "destinations": groups,
    }


def stream_name(state_machine_name: str, time: datetime.datetime) -> str:
    """Return the name of a new stream, as AWS makes them."""
    return f"states/{state_machine_name}/{time:%Y-%m-%d-%H-%M}/{uuid.uuid4().hex[:8]}"


def is_logged(kind: str, *, level: str) -> bool:
    """Tell whether a level has events of a kind written.

    https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html
    """
    if level == "FATAL":
        return kind in _FATAL
    if level == "ERROR":
        return kind == "FailStateEntered" or kind.endswith(_ERROR_ENDINGS)
    return level == "ALL"


def log_event(
    event: Mapping[str, Any],
    details: Mapping[str, Any],
    *,
    execution_arn: str,
    include_execution_data: bool,
    redrive_count: int = 0,
) -> LogEvent:
    """Return an event of an execution's history as the log has it.

    Args:
        event: with `id`, `previousEventId`, `type` and `timestamp`.
        details: of the event.
        execution_arn: of the execution.
        include_execution_data: whether inputs and outputs are written, too.
        redrive_count: of the execution.
    """
    time: datetime.datetime = event["timestamp"]
    left_out = () if include_execution_data else _EXECUTION_DATA
    line = {
        "id": str(event["id"]),
        "type": event["type"],
        "details": {name: value for name, value in details.items() if name not in left_out},
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(int(time.timestamp() * 1000)),
        "execution_arn": execution_arn,
        "redrive_count": str(redrive_count),
    }
    return LogEvent(time, json.dumps(line, separators=(",", ":"), default=str))
