"""A record: the model's name, and the Description that says where it came from.

The parameter's Value is the name alone, since CloudFormation resolves it. What belongs to it
stands in the same version's Description, so the two are written at once and stay together in the
parameter's history.
"""

import datetime
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
_DESCRIPTION_MAXIMUM: Final = 1024
_OWN_KEYS: Final = ("model", "execution", "started")
_PACKAGE_KEY: Final = "package"


@dataclass(frozen=True)
class Record:
    """One model as the parameter holds it.

    `description` is compact JSON: `model`, `execution` (its ARN), `started` (ISO 8601),
    `package` (the ARN of its version in the model registry) and the metrics by name.
    """

    model_name: str
    execution_arn: str
    started_text: str
    description: str

    @property
    def order(self) -> tuple[datetime.datetime, str, str]:
        """What orders records from old to new: the start of the execution decides.

        The rest only breaks ties, so that all that look agree. A redriven execution keeps its
        first start.
        """
        return _parse_time(self.started_text), self.execution_arn, self.model_name


def record_from_event(event: Mapping[str, Any]) -> Record:
    """Return the record that an event asks for, or raise ValueError saying what is wrong."""
    model_name = _text(
        event, "ModelName", "the name of a SageMaker model; the state before this one creates it"
    )
    execution_arn = _text(event, "ExecutionArn", "the execution's ARN, $$.Execution.Id")
    started = _start(event)
    own = dict(zip(_OWN_KEYS, (model_name, execution_arn, started), strict=True))
    own[_PACKAGE_KEY] = _text(
        event, "ModelPackageArn", "the ARN of the version that Register model created"
    )
    # The execution's name may hold letters of any script, which escaped would be six times as long.
    description = json.dumps(
        {**own, **_metrics(event.get("Metrics"))}, ensure_ascii=False, separators=(",", ":")
    )
    if len(description) > _DESCRIPTION_MAXIMUM:
        raise ValueError(
            f"Metrics make a Description of {len(description)} characters and Parameter Store "
            f"takes {_DESCRIPTION_MAXIMUM}; pass fewer"
        )
    return Record(model_name, execution_arn, started, description)


def record_from_version(value: str, description: str) -> Record | None:
    """Return the record that a version of the parameter holds; None where it is not one of ours.

    A Description that names another model is left from before somebody changed the Value alone:
    Parameter Store keeps a Description that a new version does not give.
    """
    try:
        found = json.loads(description)
        model_name, execution_arn, started = (found[key] for key in _OWN_KEYS)
        _parse_time(started)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if model_name != value or not isinstance(execution_arn, str):
        return None
    return Record(value, execution_arn, started, description)


def _text(event: Mapping[str, Any], name: str, what: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be {what}, got {value!r}")
    return value


def _start(event: Mapping[str, Any]) -> str:
    name = "ExecutionStartTime"
    started = _text(event, name, "the execution's start, $$.Execution.StartTime")
    try:
        _parse_time(started)
    except ValueError as error:
        raise ValueError(
            f"{name} must be an ISO 8601 time with its zone, such as 2026-11-23T05:10:00.123Z, "
            f"got {started!r}"
        ) from error
    return started


def _metrics(metrics: Any) -> dict[str, Any]:
    if not isinstance(metrics, dict):
        raise ValueError(  # noqa: TRY004 - one kind of error for all fields
            f'Metrics must be an object such as {{"mse": 4.8}}, got {metrics!r}'
        )
    for name, value in metrics.items():
        if name in (*_OWN_KEYS, _PACKAGE_KEY):
            raise ValueError(f"Metrics.{name}: the name is taken by the record itself; rename it")
        if not _is_number(value) and value is not None:
            raise ValueError(f"Metrics.{name} must be a finite number or null, got {value!r}")
    return metrics


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


def _parse_time(text: str) -> datetime.datetime:
    time = datetime.datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return time
