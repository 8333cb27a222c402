"""The matrix is complete, and reads where an error leads from the definition itself."""

import copy
from typing import Any

import pytest

from tests.functional.fault_matrix.cases import TURNS, Case, cases_of, load_definition
from tests.functional.fault_matrix.definition import (
    Failing,
    readers_of,
    route_to,
    successors,
    task_names,
    walk,
)
from tests.functional.fault_matrix.faults import What

EVERYTHING = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Tell"}]
MACHINE: dict[str, Any] = {
    "StartAt": "Work",
    "States": {
        "Work": {
            "Type": "Task",
            "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["Refused"], "Next": "Refused"}, *EVERYTHING],
            "ResultPath": "$.work",
            "Next": "Which?",
        },
        "Which?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.work.good", "BooleanEquals": True, "Next": "Good"}],
            "Default": "Bad",
        },
        "Good": {"Type": "Succeed"},
        "Bad": {"Type": "Fail", "Error": "NotGood"},
        "Refused": {"Type": "Fail", "Error": "WorkRefused"},
        "Tell": {"Type": "Task", "Catch": [], "Next": "Failed"},
        "Failed": {"Type": "Fail", "ErrorPath": "$.message.error"},
    },
}
USUAL = {"Which?": "Good"}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return cases_of(load_definition(), prefix="unit")


@pytest.mark.parametrize(
    ("failing", "end", "error", "attempts"),
    [
        (Failing("Busy", 2), "Good", None, 3),
        (Failing("Busy", 3), "Failed", "Busy", 3),
        (Failing("Broken"), "Failed", "Broken", 1),
        (Failing("Refused"), "Refused", "WorkRefused", 1),
        (Failing("States.Timeout"), "Failed", "TaskTimedOut", 1),
        (Failing("States.TaskFailed"), "Failed", "JobFailed", 1),
        (Failing("States.Runtime"), "", "States.Runtime", 1),
        (Failing("States.DataLimitExceeded"), "", "States.DataLimitExceeded", 1),
    ],
)
def test_an_error_is_retried_then_caught_then_fatal(
    failing: Failing, end: str, error: str | None, attempts: int
) -> None:
    way = walk(MACHINE, turns=USUAL, failing={"Work": failing})

    assert (way.end, way.error, way.attempts["Work"]) == (end, error, attempts)


def test_an_execution_shows_its_first_error() -> None:
    machine = copy.deepcopy(MACHINE)
    machine["States"]["Tell"]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]

    way = walk(machine, turns=USUAL, failing={"Work": Failing("First"), "Tell": Failing("Second")})

    assert (way.error, way.done) == ("First", ())


def test_the_way_into_a_state_has_the_fewest_failures() -> None:
    bad = route_to(MACHINE, "Bad", usual=USUAL)
    failed = route_to(MACHINE, "Failed", usual=USUAL)

    assert (bad.turns, bad.failures) == ({"Which?": "Bad"}, {})
    assert (failed.turns, failed.failures) == ({}, {"Work": "States.ALL"})


def test_a_state_that_nothing_leads_to_is_an_error() -> None:
    machine = copy.deepcopy(MACHINE)
    machine["States"]["Island"] = {"Type": "Succeed"}

    with pytest.raises(ValueError, match="no way leads into 'Island'"):
        route_to(machine, "Island", usual=USUAL)


def test_what_a_result_lacks_is_missed_by_the_state_that_reads_it() -> None:
    machine = copy.deepcopy(MACHINE)
    machine["States"]["Tell"] |= {
        "Parameters": {"Whole.$": "$", "Id.$": "$$.Execution.Id", "Other.$": "$.worker.name"},
        "ResultPath": "$.message",
    }

    assert readers_of(machine, "Work") == ["Which?"]
    assert readers_of(machine, "Tell") == []


def test_every_turn_of_every_choice_is_in_the_table() -> None:
    states = load_definition()["States"]
    choices = {name: state for name, state in states.items() if state["Type"] == "Choice"}

    for name, state in choices.items():
        assert set(TURNS.get(name, {})) == set(successors(state)), f"add {name} to cases.TURNS"
    assert TURNS.keys() == choices.keys()


def test_every_task_state_meets_every_fault_that_its_kind_can_meet(cases: list[Case]) -> None:
    cells = {(case.state, case.what) for case in cases}
    everywhere = set(What) - {What.FAILED, What.STOPPED, What.MALFORMED}

    for name in task_names(load_definition()):
        assert everywhere <= {what for state, what in cells if state == name}, name


def test_a_job_also_fails_and_is_stopped(cases: list[Case]) -> None:
    states = load_definition()["States"]
    jobs = {name for name, state in states.items() if state.get("Resource", "").endswith(".sync")}

    for what in (What.FAILED, What.STOPPED):
        assert jobs <= {case.state for case in cases if case.what is what}
    assert {case.state for case in cases if case.what is What.STOPPED} == jobs


def test_every_state_after_the_jobs_is_met_where_they_ran_and_where_their_outputs_are_reused(
    cases: list[Case],
) -> None:
    after = {
        *("Find production model", "Evaluate model", "Read evaluation", "Create model"),
        *("Register model", "Record model name", "Withdraw model package", "Wait for approval"),
        *("Tell that the model was rejected", "Tell that the model was not approved"),
        *("Tell that the model was released", "Encode batch", "Predict batch"),
    }
    ways = {
        (case.state, "Train model" in case.expected.done, case.execution_input.get("cache") is True)
        for case in cases
    }

    assert {state for state, ran, reuses in ways if ran and not reuses} >= after
    assert {state for state, ran, reuses in ways if reuses and not ran} >= after


def test_a_new_kind_of_resource_cannot_be_forgotten() -> None:
    machine = copy.deepcopy(dict(load_definition()))
    name = task_names(machine)[0]
    machine["States"][name]["Resource"] = "arn:aws:states:::glue:startJobRun.sync"

    with pytest.raises(ValueError, match=r"say in fault_matrix what can happen to .*glue"):
        cases_of(machine, prefix="unit")


def test_no_execution_is_named_in_another_ones_name(cases: list[Case]) -> None:
    names = [case.name for case in cases]

    assert [name for name in names for other in names if name in other] == names


def test_only_an_unreadable_answer_of_the_telling_fails_what_is_recorded(cases: list[Case]) -> None:
    # States.Runtime cannot be caught on AWS.
    failed = {
        (case.state, case.what)
        for case in cases
        if case.records and case.expected.status == "FAILED"
    }

    assert failed <= {("Tell that the model was released", What.MALFORMED)}


def test_whatever_fails_is_told_once_unless_the_telling_itself_is_hit(cases: list[Case]) -> None:
    tellings = {name for name in load_definition()["States"] if name.startswith("Tell")}
    untold = {case.state for case in cases if case.tells != 1 and case.what is not What.MALFORMED}

    assert untold == tellings
