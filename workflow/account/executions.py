"""Executions of the workflow, as Step Functions describes them; in AWS or emulated."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_PAGE: Final = 1000
# With a task's own events, the last two states or three.
_LAST_EVENTS: Final = 12


@dataclass(frozen=True)
class Documents:
    """All that Step Functions keeps of an execution.

    Attributes:
        described: the answer of DescribeExecution.
        events: of GetExecutionHistory, from the first one.
        definition: of the state machine as the execution began with it.
    """

    described: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    definition: Mapping[str, Any]


def documents_of(execution_arn: str, *, stepfunctions: Any) -> Documents:
    """Return what is kept of an execution, running or ended."""
    described = stepfunctions.describe_execution(executionArn=execution_arn)
    machine = stepfunctions.describe_state_machine_for_execution(executionArn=execution_arn)
    pages = stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=execution_arn, maxResults=_PAGE, includeExecutionData=True
    )
    events = [event for page in pages for event in page["events"]]
    return Documents(described, events, json.loads(machine["definition"]))


def last_events(execution_arn: str, *, stepfunctions: Any) -> list[Mapping[str, Any]]:
    """Return the last events of an execution's history, in their order."""
    answer = stepfunctions.get_execution_history(
        executionArn=execution_arn, reverseOrder=True, maxResults=_LAST_EVENTS
    )
    return list(reversed(answer["events"]))


def arn_of(name: str, machine_arn: str) -> str:
    """Return the ARN of a state machine's execution by its name."""
    return f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"


def newest(machine_arn: str, limit: int, *, stepfunctions: Any) -> Iterator[Mapping[str, Any]]:
    """Yield what DescribeExecution answers of the last executions, the newest first."""
    pages = stepfunctions.get_paginator("list_executions").paginate(
        stateMachineArn=machine_arn, PaginationConfig={"MaxItems": limit}
    )
    for page in pages:
        for item in page["executions"]:
            yield stepfunctions.describe_execution(executionArn=item["executionArn"])
