"""An execution started and followed to its end, by what Step Functions answers about it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pocketaws.step_functions.execution import Execution, execution_of

# Between two looks there are seldom more.
_NEW_EVENTS: Final = 20


def start(step_functions: Any, state_machine_arn: str, given: Any, *, name: str | None) -> str:
    """Start an execution with an input, under a name or one that is made up; return its ARN."""
    named = {} if name is None else {"name": name}
    started = step_functions.start_execution(
        stateMachineArn=state_machine_arn, input=json.dumps(given), **named
    )
    return str(started["executionArn"])


def follow(
    step_functions: Any,
    execution_arn: str,
    *,
    on_event: Callable[[Mapping[str, Any]], None] | None,
    pause: Callable[[], None],
) -> Execution:
    """Wait until an execution has ended, telling each event of its history once.

    Args:
        step_functions: a client.
        execution_arn: of the execution.
        on_event: is told each event, in order; None asks for no history.
        pause: called between two looks.
    """
    seen = 0
    while True:
        # Asked before the history, so that the last events are in it once it has ended.
        described = step_functions.describe_execution(executionArn=execution_arn)
        if on_event is not None:
            for event in _events_after(seen, step_functions, execution_arn):
                on_event(event)
                seen = event["id"]
        if described["status"] != "RUNNING":
            return execution_of(described)
        pause()


def _events_after(seen: int, step_functions: Any, execution_arn: str) -> list[Mapping[str, Any]]:
    """Return what is new of a history, which grows meanwhile: the newest are asked for first."""
    found: dict[int, Mapping[str, Any]] = {}
    pages = step_functions.get_paginator("get_execution_history").paginate(
        executionArn=execution_arn, reverseOrder=True, PaginationConfig={"PageSize": _NEW_EVENTS}
    )
    for page in pages:
        found |= {event["id"]: event for event in page["events"] if event["id"] > seen}
        if page["events"] and page["events"][-1]["id"] <= seen + 1:
            break
    return [found[number] for number in sorted(found)]
