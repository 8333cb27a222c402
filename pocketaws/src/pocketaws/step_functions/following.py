"""An execution followed to its end, by what Step Functions answers about it."""

from collections.abc import Callable, Mapping
from typing import Any

from pocketaws.step_functions.execution import Execution, execution_of


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
            events = _history(step_functions, execution_arn)
            for event in events[seen:]:
                on_event(event)
            seen = len(events)
        if described["status"] != "RUNNING":
            return execution_of(described)
        pause()


def _history(step_functions: Any, execution_arn: str) -> list[Mapping[str, Any]]:
    pages = step_functions.get_paginator("get_execution_history").paginate(
        executionArn=execution_arn
    )
    return [event for page in pages for event in page["events"]]
