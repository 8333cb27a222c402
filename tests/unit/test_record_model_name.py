"""The record of model names, in a parameter store that counts versions as AWS's does."""

import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.parameter_store import (
    NAME,
    PACKAGES,
    BusyError,
    FakeParameterStore,
    event,
    function,
    record,
)

ParameterContended = function.parameter.ParameterContended


def in_turn(*actions: Callable[[], object]) -> Callable[[], None]:
    """Return a call that does the next of the actions each time, and nothing after the last."""
    left = list(actions)

    def act() -> None:
        if left:
            left.pop(0)()

    return act


def refuse(error: Exception) -> None:
    raise error


def test_the_first_record_creates_the_parameter() -> None:
    ssm = FakeParameterStore()

    answer = record(event(1), ssm)

    assert answer == {
        "ModelName": "model-1",
        "ParameterName": NAME,
        "ParameterVersion": 1,
        "Recorded": True,
        "Reason": None,
    }
    assert ssm.values == ["model-1"]


def test_the_value_is_the_name_alone_and_the_description_says_where_it_came_from() -> None:
    ssm = FakeParameterStore()

    record(event(1, mse=4.8, rmse=2.19, r2=None), ssm)

    assert ssm.history[0]["Value"] == "model-1"
    assert json.loads(ssm.history[0]["Description"]) == {
        "model": "model-1",
        "execution": "arn:aws:states:eu-west-1:123456789012:execution:abalone:run-1",
        "started": "2026-11-23T05:01:00.123Z",
        "package": f"{PACKAGES}/1",
        "mse": 4.8,
        "rmse": 2.19,
        "r2": None,
    }


def test_a_newer_execution_makes_a_new_version() -> None:
    ssm = FakeParameterStore()
    record(event(1), ssm)

    answer = record(event(2), ssm)

    assert (answer["ParameterVersion"], answer["Recorded"]) == (2, True)
    assert ssm.values == ["model-1", "model-2"]


def test_the_same_name_again_makes_no_new_version() -> None:
    ssm = FakeParameterStore()
    record(event(1), ssm)
    first = record(event(2), ssm)

    again = record(event(2), ssm)

    assert again == first
    assert ssm.values == ["model-1", "model-2"]


def test_an_older_execution_that_finishes_late_leaves_the_newer_model() -> None:
    ssm = FakeParameterStore()
    record(event(2), ssm)

    answer = record(event(1), ssm)

    assert (answer["ModelName"], answer["ParameterVersion"]) == ("model-1", 1)
    assert answer["Recorded"] is False
    assert answer["Reason"] == (
        "/abalone/model-name keeps model-2 (version 1), whose execution "
        "arn:aws:states:eu-west-1:123456789012:execution:abalone:run-2 started later, at "
        "2026-11-23T05:02:00.123Z; this one started at 2026-11-23T05:01:00.123Z"
    )
    assert ssm.values == ["model-2"]


def test_starts_are_compared_as_times_and_not_as_texts() -> None:
    ssm = FakeParameterStore()
    record({**event(1), "ExecutionStartTime": "2026-11-23T05:00:00Z"}, ssm)

    answer = record({**event(2), "ExecutionStartTime": "2026-11-23T04:59:00-02:00"}, ssm)

    assert answer["Recorded"] is True


def test_a_newer_record_that_our_write_covered_is_put_back() -> None:
    ssm = FakeParameterStore()
    ssm.before_put = in_turn(lambda: record(event(3), ssm))

    answer = record(event(2), ssm)

    assert ssm.values == ["model-3", "model-2", "model-3"]
    assert ssm.history[2]["Description"] == ssm.history[0]["Description"]
    assert (answer["ParameterVersion"], answer["Recorded"]) == (3, False)


def test_an_older_record_written_between_is_covered_and_stays_so() -> None:
    ssm = FakeParameterStore()
    ssm.before_put = in_turn(lambda: record(event(1), ssm))

    answer = record(event(2), ssm)

    assert ssm.values == ["model-1", "model-2"]
    assert answer["Recorded"] is True


def test_a_look_that_misses_our_own_write_is_repeated_before_it_is_trusted() -> None:
    ssm = FakeParameterStore()
    pauses: list[None] = []

    def hide_the_next_version() -> None:
        ssm.hidden = 2

    ssm.before_put = hide_the_next_version
    record(event(1), ssm, pause=lambda: pauses.append(None))

    assert ssm.values == ["model-1"]
    assert len(pauses) == 2


@pytest.mark.parametrize(
    "description",
    ["", "by hand", "{}", '{"model":"other","execution":"e","started":1}', "[1]", "[" * 1024],
)
def test_what_was_written_by_hand_is_older_than_every_execution(description: str) -> None:
    ssm = FakeParameterStore()
    ssm.write_by_hand("other", description)

    answer = record(event(1), ssm)

    assert (answer["ParameterVersion"], answer["Recorded"]) == (2, True)


def test_a_model_that_was_taken_back_by_hand_is_not_put_back() -> None:
    ssm = FakeParameterStore()
    record(event(1), ssm)
    record(event(3), ssm)
    # Parameter Store keeps the last Description where the new version gives none.
    ssm.write_by_hand("model-1", ssm.history[-1]["Description"])

    answer = record(event(2), ssm)

    assert answer["Recorded"] is True
    assert ssm.values == ["model-1", "model-3", "model-1", "model-2"]


def test_the_oldest_of_a_hundred_versions_may_be_gone() -> None:
    ssm = FakeParameterStore()
    for number in range(150):
        hour, minute = divmod(number, 60)
        started = f"2026-11-23T{hour:02}:{minute:02}:00Z"
        record({**event(1, f"model-{number}"), "ExecutionStartTime": started}, ssm)

    answer = record({**event(1, "late"), "ExecutionStartTime": "2026-11-23T00:30:00Z"}, ssm)

    assert (answer["ParameterVersion"], answer["Recorded"]) == (150, False)


@pytest.mark.parametrize("seed", range(60))
def test_ten_executions_that_finish_in_any_order_end_on_the_newest(seed: int) -> None:
    waits = random.Random(seed)
    ssm = FakeParameterStore(before_put=lambda: time.sleep(waits.random() / 1000))
    starts = waits.sample(range(60), 10)
    at_once = threading.Barrier(10)

    def run(minute: int) -> Any:
        at_once.wait()
        time.sleep(waits.random() / 500)
        return record(event(minute), ssm)

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(run, starts))

    assert ssm.current == f"model-{max(starts)}"
    recorded = {answer["ModelName"] for answer in answers if answer["Recorded"]}
    assert ssm.current in recorded


@pytest.mark.parametrize("seed", range(300))
def test_whatever_the_order_of_their_calls_the_newest_stays(seed: int) -> None:
    order = random.Random(seed)
    others = order.sample(range(60), 5)
    starts = [others.pop()]

    def another_records_first() -> None:
        if others and order.random() < 0.7:
            starts.append(others.pop())
            record(event(starts[-1]), ssm)

    ssm = FakeParameterStore(before_put=another_records_first)
    record(event(starts[0]), ssm)

    assert ssm.current == f"model-{max(starts)}"


def test_a_write_that_meets_another_is_tried_again() -> None:
    ssm = FakeParameterStore(
        before_put=in_turn(lambda: refuse(BusyError()), lambda: refuse(BusyError()))
    )
    pauses: list[None] = []

    answer = record(event(1), ssm, pause=lambda: pauses.append(None))

    assert (answer["ParameterVersion"], len(pauses)) == (1, 2)


def test_a_store_that_is_always_busy_fails_the_state_in_the_end() -> None:
    ssm = FakeParameterStore(before_put=lambda: refuse(BusyError()))

    with pytest.raises(ParameterContended, match=r"^/abalone/model-name was written by others"):
        record(event(1), ssm)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ParameterMaxVersionLimitExceeded"])
def test_a_refused_write_fails_the_state(code: str) -> None:
    refusal = ClientError({"Error": {"Code": code, "Message": "no"}}, "PutParameter")
    ssm = FakeParameterStore(before_put=lambda: refuse(refusal))

    with pytest.raises(ClientError, match=code):
        record(event(1), ssm)

    assert ssm.values == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"ModelName": None}, "ModelName must be the name of a SageMaker model"),
        ({"ModelName": ""}, "ModelName must be the name of a SageMaker model"),
        ({"ModelName": ["model-a"]}, "ModelName must be the name of a SageMaker model"),
        ({"ExecutionArn": None}, "ExecutionArn must be the execution's ARN"),
        ({"ExecutionStartTime": None}, "ExecutionStartTime must be the execution's start"),
        ({"ExecutionStartTime": "today"}, "ExecutionStartTime must be an ISO 8601 time"),
        ({"ExecutionStartTime": "2026-11-23T05:10:00"}, "ExecutionStartTime must be an ISO 8601"),
        ({"Metrics": None}, "Metrics must be an object"),
        ({"Metrics": {"mse": "4.8"}}, r"Metrics\.mse must be a finite number or null"),
        ({"Metrics": {"mse": float("nan")}}, r"Metrics\.mse must be a finite number or null"),
        ({"Metrics": {"model": 1}}, r"Metrics\.model: the name is taken"),
        ({"Metrics": {f"mse-{i}": 4.8 for i in range(99)}}, "Metrics make a Description of"),
    ],
)
def test_an_event_that_cannot_be_recorded_is_refused_before_anything_is_called(
    change: dict[str, Any], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_PARAMETER_NAME", NAME)

    with pytest.raises(ValueError, match=f"^{problem}"):
        function.app.lambda_handler({**event(1), **change}, None)
