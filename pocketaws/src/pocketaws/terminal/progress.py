"""The states of an execution, as its history's events tell them."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class State:
    """One state that the execution entered.

    Attributes:
        status: RUNNING, RETRYING, SUCCEEDED or FAILED.
        seconds: between entering and leaving it; 0 while it runs.
        attempts: how often its task was started.
    """

    name: str
    status: str
    entered: datetime.datetime
    seconds: float = 0.0
    attempts: int = 0


class Progress:
    """Follows a history, event by event; `states` is in the order of entering."""

    def __init__(self) -> None:
        self.states: list[State] = []

    def add(self, event: Mapping[str, Any]) -> None:
        """Take in the next event of the history.

        https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
        """
        kind = event["type"]
        if kind.endswith("StateEntered"):
            name = event["stateEnteredEventDetails"]["name"]
            self.states.append(State(name, "RUNNING", event["timestamp"]))
        elif not self.states:
            return
        elif kind == "TaskScheduled":
            last = self.states[-1]
            self._change(status="RUNNING", seconds=0.0, attempts=last.attempts + 1)
        elif kind in ("TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed"):
            self._leave("RETRYING", event["timestamp"])
        elif kind.endswith("StateExited"):
            # A state that is left right after a failure was left through its Catch.
            caught = self.states[-1].status == "RETRYING"
            self._leave("FAILED" if caught else "SUCCEEDED", event["timestamp"])
        elif kind in ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"):
            self._leave("FAILED", event["timestamp"])

    def _leave(self, status: str, when: datetime.datetime) -> None:
        seconds = (when - self.states[-1].entered).total_seconds()
        self._change(status=status, seconds=seconds)

    def _change(self, **changes: Any) -> None:
        self.states[-1] = replace(self.states[-1], **changes)
