"""Write the name of a created model to Parameter Store, where the endpoint's stack reads it.

An execution that finishes late never takes the place of one that started after it; see
`parameter.keep_newest`.
"""

import os
import time
from typing import Any, Final

import boto3
from parameter import Kept, keep_newest
from record import Record, record_from_event

SSM = boto3.client("ssm")
_PAUSE_SECONDS: Final = 0.2


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Record the model in the parameter that MODEL_PARAMETER_NAME names, if it is the newest.

    Args:
        event: `ModelName`, `ExecutionArn`, `ExecutionStartTime` (ISO 8601, as the context object
            of Step Functions has it), `ModelPackageArn` and `Metrics` (numbers or null, by name).
        context: not used.

    Returns:
        `ModelName` (the event's), `ParameterName`, `ParameterVersion` (the current one, counted
        from 1), `Recorded` (false where a newer execution's model stays) and `Reason` (why it
        stays; null where the model was recorded).

    Raises:
        ValueError: a field of the event is missing or cannot be used.
        ParameterContended: other executions keep writing; trying again cures it.
        botocore.exceptions.ClientError: Parameter Store refused; the state fails with it.
    """
    parameter_name = os.environ["MODEL_PARAMETER_NAME"]
    record = record_from_event(event)
    kept = keep_newest(
        record, parameter_name=parameter_name, ssm=SSM, pause=lambda: time.sleep(_PAUSE_SECONDS)
    )
    return answer(record, kept, parameter_name=parameter_name)


def answer(record: Record, kept: Kept, *, parameter_name: str) -> dict[str, Any]:
    """Return the handler's answer about `record`, given what the parameter holds now."""
    recorded = kept.record.model_name == record.model_name
    reason = (
        f"{parameter_name} keeps {kept.record.model_name} (version {kept.version}), whose "
        f"execution {kept.record.execution_arn} started later, at {kept.record.started_text}; "
        f"this one started at {record.started_text}"
    )
    return {
        "ModelName": record.model_name,
        "ParameterName": parameter_name,
        "ParameterVersion": kept.version,
        "Recorded": recorded,
        "Reason": None if recorded else reason,
    }
