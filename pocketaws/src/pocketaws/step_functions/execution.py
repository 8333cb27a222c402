"""How an execution stands, as Step Functions describes it."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Execution:
    """How an execution stands, or ended.

    Attributes:
        status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
        output: of the last state, where it succeeded.
        error: the error's name, where it failed.
        cause: what the failed state said.
        started: when it was started.
    """

    arn: str
    status: str
    output: Any = None
    error: str | None = None
    cause: str | None = None
    started: datetime.datetime | None = None


def execution_of(described: Mapping[str, Any]) -> Execution:
    """Return the execution that DescribeExecution answers."""
    return Execution(
        arn=described["executionArn"],
        status=described["status"],
        output=json.loads(described["output"]) if described.get("output") else None,
        error=described.get("error"),
        cause=described.get("cause"),
        started=described["startDate"],
    )
