"""Histories of executions, written event by event as Step Functions tells them."""

import datetime
import json
from typing import Any, Final

from workflow.account.executions import Documents

START: Final = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC)
ARN: Final = "arn:aws:states:eu-west-1:123456789012:execution:abalone:run-1"


class History:
    """Events with ids and times, each a second after the one before."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, details: dict[str, Any] | None = None, after: int = -1) -> int:
        """Add an event and return its id.

        Args:
            kind: such as TaskScheduled.
            details: of its own; what is no text becomes JSON.
            after: the id of the event that led to it; -1 for the last one.
        """
        number = len(self.events) + 1
        prefix = "State" if "State" in kind and kind.endswith(("Entered", "Exited")) else kind
        if prefix == "State":
            name = "stateEnteredEventDetails" if kind.endswith("Entered") else ""
            name = name or "stateExitedEventDetails"
        else:
            name = f"{kind[0].lower()}{kind[1:]}EventDetails"
        told = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in (details or {}).items()
        }
        self.events.append(
            {
                "id": number,
                "previousEventId": number - 1 if after < 0 else after,
                "type": kind,
                "timestamp": START + datetime.timedelta(seconds=number),
                name: told,
            }
        )
        return number

    def enter(self, state: str, given: Any, kind: str = "Task", after: int = -1) -> int:
        """Enter a state."""
        return self.add(f"{kind}StateEntered", {"name": state, "input": given}, after)

    def leave(self, state: str, output: Any, kind: str = "Task", after: int = -1) -> int:
        """Leave a state."""
        return self.add(f"{kind}StateExited", {"name": state, "output": output}, after)


def documents(
    history: History,
    *,
    status: str = "SUCCEEDED",
    given: Any = None,
    definition: dict[str, Any] | None = None,
    **described: str,
) -> Documents:
    """Return what Step Functions keeps of an execution with this history."""
    ended = {"stopDate": START + datetime.timedelta(seconds=60)} if status != "RUNNING" else {}
    return Documents(
        described={
            "executionArn": ARN,
            "name": "run-1",
            "stateMachineArn": ARN.replace(":execution:", ":stateMachine:").rpartition(":")[0],
            "status": status,
            "startDate": START,
            "input": json.dumps(given or {}),
            **ended,
            **described,
        },
        events=history.events,
        definition=definition or {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
    )
