"""The states of an execution, as the events of its history tell them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pocketaws.terminal.progress import Progress, State

START = datetime(2025, 1, 31, 12, tzinfo=UTC)


def event(kind: str, second: float, name: str | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": kind,
        "timestamp": START + timedelta(seconds=second),
    }
    if name:
        told["stateEnteredEventDetails"] = {"name": name}
    return told


def states_after(*events: dict[str, Any]) -> list[State]:
    progress = Progress()
    for one in events:
        progress.add(one)
    return progress.states


STARTED = event("ExecutionStarted", 0)
ENTERED = event("TaskStateEntered", 1, "Train model")
SCHEDULED = event("TaskScheduled", 2)


def test_no_state_is_known_before_one_is_entered() -> None:
    assert states_after(STARTED) == []


def test_an_execution_that_fails_before_its_first_state_has_none() -> None:
    assert states_after(STARTED, event("ExecutionFailed", 1)) == []


def test_a_state_runs_from_its_entering() -> None:
    (state,) = states_after(STARTED, ENTERED)

    assert state == State("Train model", "RUNNING", START + timedelta(seconds=1))


def test_a_state_that_is_left_has_succeeded_after_its_seconds() -> None:
    (state,) = states_after(ENTERED, SCHEDULED, event("TaskStateExited", 3.5))

    assert (state.status, state.seconds, state.attempts) == ("SUCCEEDED", 2.5, 1)


@pytest.mark.parametrize("failure", ["TaskFailed", "TaskTimedOut"])
def test_a_task_that_failed_is_retrying_until_it_is_scheduled_again(failure: str) -> None:
    (waiting,) = states_after(ENTERED, SCHEDULED, event(failure, 4))
    (running,) = states_after(ENTERED, SCHEDULED, event(failure, 4), event("TaskScheduled", 9))

    assert (waiting.status, waiting.attempts) == ("RETRYING", 1)
    assert (running.status, running.attempts) == ("RUNNING", 2)


def test_a_retried_state_counts_its_seconds_from_the_first_attempt() -> None:
    (state,) = states_after(
        ENTERED,
        SCHEDULED,
        event("TaskFailed", 4),
        event("TaskScheduled", 9),
        event("TaskStateExited", 11),
    )

    assert (state.status, state.seconds, state.attempts) == ("SUCCEEDED", 10, 2)


@pytest.mark.parametrize("end", ["ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"])
def test_the_state_in_which_an_execution_ends_badly_has_failed(end: str) -> None:
    first, last = states_after(
        event("TaskStateEntered", 0, "Preprocess data"),
        event("TaskStateExited", 1),
        ENTERED,
        SCHEDULED,
        event("TaskFailed", 5),
        event(end, 6),
    )

    assert (first.name, first.status) == ("Preprocess data", "SUCCEEDED")
    assert (last.name, last.status, last.seconds) == ("Train model", "FAILED", 5)


@pytest.mark.parametrize("kind", ["TaskStarted", "TaskSubmitted", "TaskSucceeded", "Unheard"])
def test_other_events_change_nothing(kind: str) -> None:
    assert states_after(ENTERED, event(kind, 3)) == states_after(ENTERED)


def test_states_stand_in_the_order_of_entering() -> None:
    states = states_after(
        event("PassStateEntered", 0, "B"),
        event("PassStateExited", 1),
        event("TaskStateEntered", 1, "A"),
        event("TaskStateExited", 2),
        event("ExecutionSucceeded", 2),
    )

    assert [(state.name, state.status) for state in states] == [
        ("B", "SUCCEEDED"),
        ("A", "SUCCEEDED"),
    ]
