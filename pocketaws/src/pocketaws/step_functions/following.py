"""An execution started and followed to its end, by what Step Functions answers about it."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from pocketaws.step_functions.execution import Execution, execution_of

# Between two looks there are seldom more.
_NEW_EVENTS: Final = 20
RUNNING: Final = "RUNNING"


class Look(Protocol):
    """Looks at one execution."""

    def has_ended(self) -> bool:
        """Look whether it has ended."""

    def events_after(self, seen: int) -> Iterable[Mapping[str, Any]]:
        """Return the events of its history after the one of that number, in order."""

    def execution(self) -> Execution:
        """Return how it stood when it was last looked at."""


def start(step_functions: Any, state_machine_arn: str, given: Any, *, name: str | None) -> str:
    """Start an execution with an input, under a name or one that is made up; return its ARN."""
    named = {} if name is None else {"name": name}
    started = step_functions.start_execution(
        stateMachineArn=state_machine_arn, input=json.dumps(given), **named
    )
    return str(started["executionArn"])


def follow(
    look: Look,
    *,
    on_event: Callable[[Mapping[str, Any]], None] | None,
    pause: Callable[[], None],
) -> Execution:
    """Wait until an execution has ended, telling each event of its history once.

    Args:
        look: looks at the execution.
        on_event: is told each event, in order; None asks for no history.
        pause: called between two looks.
    """
    seen = 0
    while True:
        # Asked before the history, so that the last events are in it once it has ended.
        ended = look.has_ended()
        if on_event is not None:
            for event in look.events_after(seen):
                on_event(event)
                seen = event["id"]
        if ended:
            return look.execution()
        pause()


class Asked:
    """Looks at an execution through the API.

    Args:
        step_functions: a client.
        execution_arn: of the execution.
    """

    def __init__(self, step_functions: Any, execution_arn: str) -> None:
        self._step_functions = step_functions
        self._arn = execution_arn
        self._described: Mapping[str, Any] = {}

    def has_ended(self) -> bool:
        """Look whether it has ended."""
        self._described = self._step_functions.describe_execution(executionArn=self._arn)
        return bool(self._described["status"] != RUNNING)

    def execution(self) -> Execution:
        """Return how it stood when it was last looked at."""
        return execution_of(self._described)

    def events_after(self, seen: int) -> list[Mapping[str, Any]]:
        """Return what is new of a history, which grows: the newest are asked for first."""
        found: dict[int, Mapping[str, Any]] = {}
        pages = self._step_functions.get_paginator("get_execution_history").paginate(
            executionArn=self._arn, reverseOrder=True, PaginationConfig={"PageSize": _NEW_EVENTS}
        )
        for page in pages:
            found |= {event["id"]: event for event in page["events"] if event["id"] > seen}
            if page["events"] and page["events"][-1]["id"] <= seen + 1:
                break
        return [found[number] for number in sorted(found)]
