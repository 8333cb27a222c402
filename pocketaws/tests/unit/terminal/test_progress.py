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
        where = "Exited" if kind.endswith("Exited") else "Entered"
        told[f"state{where}EventDetails"] = {"name": name}
    return told


def states_after(*events: dict[str, Any]) -> list[State]:
    """Follow a history of one state after another: each event comes after the one before."""
    progress, entered = Progress(), ""
    for number, one in enumerate(events, start=1):
        entered = one.get("stateEnteredEventDetails", {}).get("name", entered)
        exited = {"stateExitedEventDetails": {"name": entered}}
        progress.add({"id": number, "previousEventId": number - 1, **exited, **one})
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


def test_states_of_a_maps_items_run_beside_each_other() -> None:
    history = [
        (1, 0, event("ExecutionStarted", 0)),
        (2, 0, event("MapStateEntered", 1, "Each")),
        (3, 2, event("MapStateStarted", 1)),
        (4, 3, event("MapIterationStarted", 1)),
        (5, 4, event("TaskStateEntered", 1, "Price")),
        (6, 3, event("MapIterationStarted", 1)),
        (7, 6, event("TaskStateEntered", 1, "Price")),
        (8, 7, event("TaskScheduled", 2)),
        (9, 5, event("TaskScheduled", 2)),
        (10, 9, event("TaskFailed", 3)),
        (11, 8, event("TaskSucceeded", 4)),
        (12, 11, event("TaskStateExited", 4, "Price")),
        (13, 12, event("MapIterationSucceeded", 4)),
        (14, 10, event("TaskScheduled", 5)),
        (15, 14, event("TaskSucceeded", 6)),
        (16, 15, event("TaskStateExited", 6, "Price")),
        (17, 16, event("MapStateSucceeded", 6)),
        (18, 17, event("MapStateExited", 6, "Each")),
    ]
    progress = Progress()
    for number, before, one in history:
        progress.add({"id": number, "previousEventId": before, **one})

    shown = [(state.name, state.status, state.seconds, state.attempts) for state in progress.states]
    assert shown == [
        ("Each", "SUCCEEDED", 5, 0),
        ("Price", "SUCCEEDED", 5, 2),
        ("Price", "SUCCEEDED", 3, 1),
    ]


def test_every_state_that_ran_when_an_execution_failed_has_failed() -> None:
    states = states_after(
        event("MapStateEntered", 1, "Each"),
        event("TaskStateEntered", 2, "Price"),
        event("ExecutionFailed", 3),
    )

    assert [state.status for state in states] == ["FAILED", "FAILED"]
