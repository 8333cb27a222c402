"""The states of an execution with their attempts, inputs and outputs, from its history's events.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workflow.report.record import Attempt, StateRun
from workflow.report.secrets import Redaction
from workflow.report.times import iso, seconds_between

_SCHEDULED: Final = ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled")
_FAILED: Final = (
    *("TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed"),
    *("LambdaFunctionFailed", "LambdaFunctionTimedOut", "LambdaFunctionStartFailed"),
    *("LambdaFunctionScheduleFailed", "ActivityFailed", "ActivityTimedOut"),
    *("ActivityScheduleFailed", "MapRunFailed"),
)
_ENDS: Final = {
    "ExecutionFailed": "failed",
    "ExecutionTimedOut": "timed out",
    "ExecutionAborted": "stopped",
}
_CONTAINERS: Final = ("Map", "Parallel")
_OPEN: Final = ("running", "retrying")


@dataclass
class _Try:
    started: datetime.datetime
    parameters: str | None
    output: str | None = None
    ended: datetime.datetime | None = None
    status: str = "running"
    error: str | None = None
    cause: str | None = None


@dataclass
class _State:
    name: str
    type: str
    entered: datetime.datetime
    input: str | None
    parent: int | None
    status: str = "running"
    left: datetime.datetime | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    tries: list[_Try] = field(default_factory=list)


class _HistoryReader:
    """Follows a history as `pocketaws.Progress` does, and keeps what was said."""

    def __init__(self) -> None:
        self.states: list[_State] = []
        # By event: the state that it belongs to, an index of `states`; None outside of all.
        self._owners: dict[int, int | None] = {}
        # Where a redrive goes on.
        self._last_ended: int | None = None

    def add(self, event: Mapping[str, Any]) -> None:
        kind, owner = event["type"], self._owners.get(event.get("previousEventId", 0))
        if kind == "ExecutionRedriven" and owner is None:
            # Who stops an execution, and its own time-out, follow no event.
            owner = self._last_ended
        details, when = _details(event), event["timestamp"]
        self._owners[event["id"]] = owner
        if kind.endswith("StateEntered"):
            self._owners[event["id"]] = len(self.states)
            state_type = kind.removesuffix("StateEntered")
            given = details.get("input")
            around = self._around(owner)
            self.states.append(_State(details["name"], state_type, when, given, around))
        elif kind.endswith("StateExited"):
            index = self._left(details["name"], owner)
            if index is not None:
                self._exit(self.states[index], details, when)
                self._owners[event["id"]] = self.states[index].parent
        elif kind in _ENDS:
            self._end(_ENDS[kind], details, when)
        elif owner is not None:
            _take(self.states[owner], kind, details, when)

    def _around(self, owner: int | None) -> int | None:
        """Return the Map or Parallel that a state is entered in; a redrive enters anew."""
        if owner is None or self.states[owner].type in _CONTAINERS:
            return owner
        return self.states[owner].parent

    def _left(self, name: str, owner: int | None) -> int | None:
        if owner is not None and self.states[owner].name == name:
            return owner
        running = [
            index
            for index, state in enumerate(self.states)
            if state.name == name and state.status in _OPEN
        ]
        return running[-1] if running else None

    def _exit(self, state: _State, details: Mapping[str, Any], when: datetime.datetime) -> None:
        # A state that is left right after a failure was left through its Catch.
        state.status = "caught" if state.status == "retrying" else "succeeded"
        state.left, state.output = when, details.get("output")
        if state.status == "succeeded":
            state.error = state.cause = None

    def _end(self, status: str, details: Mapping[str, Any], when: datetime.datetime) -> None:
        for index, state in enumerate(self.states):
            if state.status in _OPEN:
                self._last_ended = index
                state.status, state.left = status, when
                state.error = details.get("error") or state.error
                state.cause = details.get("cause") or state.cause
                _close(state, status, when)


def states_of(
    events: Iterable[Mapping[str, Any]], now: datetime.datetime, redaction: Redaction
) -> Sequence[StateRun]:
    """Return the states in the order of entering.

    Args:
        events: of the history, from the first one.
        now: until when a state that is not left has lasted.
        redaction: of what must not be shown.
    """
    reader = _HistoryReader()
    for event in events:
        reader.add(event)
    return [_kept(state, now, redaction) for state in reader.states]


def texts_of(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return all JSON texts that a history tells: inputs, outputs, parameters."""
    return [
        details[name]
        for details in map(_details, events)
        for name in ("input", "output", "parameters")
        if name in details
    ]


def _take(state: _State, kind: str, details: Mapping[str, Any], when: datetime.datetime) -> None:
    if kind in _SCHEDULED:
        state.status, state.left = "running", None
        state.tries.append(_Try(when, details.get("parameters", details.get("input"))))
    elif kind in _FAILED:
        state.status, state.left = "retrying", when
        state.error, state.cause = details.get("error"), details.get("cause")
        _close(state, "timed out" if kind.endswith("TimedOut") else "failed", when)
        if state.tries:
            state.tries[-1].error, state.tries[-1].cause = state.error, state.cause
    elif kind.endswith("Succeeded"):
        _close(state, "succeeded", when)
        if state.tries:
            state.tries[-1].output = details.get("output")


def _close(state: _State, status: str, when: datetime.datetime) -> None:
    if state.tries and state.tries[-1].ended is None:
        state.tries[-1].ended, state.tries[-1].status = when, status


def _details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    found = (value for name, value in event.items() if name.endswith("EventDetails"))
    return next((value for value in found if isinstance(value, Mapping)), {})


def _kept(state: _State, now: datetime.datetime, redaction: Redaction) -> StateRun:
    return StateRun(
        name=state.name,
        type=state.type,
        status="running" if state.status in _OPEN else state.status,
        entered_at=iso(state.entered),
        left_at=iso(state.left) if state.left and state.status not in _OPEN else None,
        seconds=seconds_between(state.entered, state.left or now),
        error=state.error,
        cause=state.cause and redaction.text(state.cause),
        attempts=[
            Attempt(
                started_at=iso(each.started),
                ended_at=iso(each.ended) if each.ended else None,
                status=each.status,
                error=each.error,
                cause=each.cause and redaction.text(each.cause),
                parameters=redaction.json(each.parameters),
                output=redaction.json(each.output),
            )
            for each in state.tries
        ],
        input=redaction.json(state.input),
        output=redaction.json(state.output),
        parent=state.parent,
    )
