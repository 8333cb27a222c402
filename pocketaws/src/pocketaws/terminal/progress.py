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
    """Follows a history, event by event; `states` is in the order of entering.

    States of a Map's items and of a Parallel's branches run at the same time, so each event is
    given to the state to which the chain of previous events leads.
    """

    def __init__(self) -> None:
        self.states: list[State] = []
        # By event: the state that it belongs to, an index of `states`; None outside of all.
        self._owners: dict[int, int | None] = {}
        # By state: the one that it runs in.
        self._parents: list[int | None] = []

    def add(self, event: Mapping[str, Any]) -> None:
        """Take in the next event of the history.

        https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
        """
        kind, owner = event["type"], self._owners.get(event.get("previousEventId", 0))
        if kind.endswith("StateEntered"):
            self._enter(event, parent=owner)
        elif kind.endswith("StateExited"):
            self._exit(event, owner)
        elif kind in ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"):
            self._end(event["timestamp"])
        else:
            self._owners[event.get("id", 0)] = owner
            if owner is not None:
                self._take(kind, owner, event["timestamp"])

    def _enter(self, event: Mapping[str, Any], *, parent: int | None) -> None:
        name = event["stateEnteredEventDetails"]["name"]
        self._owners[event.get("id", 0)] = len(self.states)
        self._parents.append(parent)
        self.states.append(State(name, "RUNNING", event["timestamp"]))

    def _exit(self, event: Mapping[str, Any], owner: int | None) -> None:
        name = event["stateExitedEventDetails"]["name"]
        index = owner
        if index is None or self.states[index].name != name:
            running = [
                number
                for number, state in enumerate(self.states)
                if state.name == name and state.status in ("RUNNING", "RETRYING")
            ]
            if not running:
                return
            index = running[-1]
        # A state that is left right after a failure was left through its Catch.
        caught = self.states[index].status == "RETRYING"
        self._leave(index, "FAILED" if caught else "SUCCEEDED", event["timestamp"])
        self._owners[event.get("id", 0)] = self._parents[index]

    def _take(self, kind: str, index: int, when: datetime.datetime) -> None:
        if kind == "TaskScheduled":
            attempts = self.states[index].attempts + 1
            self._change(index, status="RUNNING", seconds=0.0, attempts=attempts)
        elif kind in ("TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed"):
            self._leave(index, "RETRYING", when)

    def _end(self, when: datetime.datetime) -> None:
        for index, state in enumerate(self.states):
            if state.status in ("RUNNING", "RETRYING"):
                self._leave(index, "FAILED", when)

    def _leave(self, index: int, status: str, when: datetime.datetime) -> None:
        seconds = (when - self.states[index].entered).total_seconds()
        self._change(index, status=status, seconds=seconds)

    def _change(self, index: int, **changes: Any) -> None:
        self.states[index] = replace(self.states[index], **changes)
