"""Data that are nested more deeply than this runtime reads: told in words."""

import json
from typing import Any

import pytest

from emulated.machines import FUNCTION, Account, alone, machine, passing, ran
from pocketaws.step_functions.engine.documents import MAX_LEVELS, nested_too_deeply

PASS = {"Type": "Pass", "End": True}


def nested(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize(
    ("text", "is_too_deep"),
    [
        (json.dumps(nested(MAX_LEVELS)), False),
        (json.dumps(nested(MAX_LEVELS + 1)), True),
        (json.dumps(["[" * 1000, '"{' * 1000, "\\"]), False),
        (json.dumps([[]] * 1000), False),
    ],
)
def test_levels_are_counted_outside_of_texts(text: str, is_too_deep: bool) -> None:
    assert nested_too_deeply(text) is is_too_deep


@pytest.mark.parametrize(
    "definition",
    [
        alone(**PASS),
        passing({"text.$": "States.JsonToString($)", "same.$": "$.deep"}),
        alone(Type="Map", ItemsPath="$.items", ItemProcessor=machine(I=PASS)),
        alone(Type="Task", Resource=FUNCTION + "echo", ResultPath="$.result"),
        {"QueryLanguage": "JSONata", **alone(Type="Pass", Output="{% $states.input.deep %}")},
    ],
)
def test_every_state_takes_what_is_nested_as_deeply_as_allowed(definition: Any) -> None:
    deep = nested(MAX_LEVELS - 3)

    execution = ran(definition, {"deep": deep, "items": [deep]})

    assert execution.status == "SUCCEEDED", execution.cause


@pytest.mark.parametrize("levels", [MAX_LEVELS + 1, 900])
def test_a_result_that_is_nested_more_deeply_fails_in_words(levels: int) -> None:
    account = Account(deep=lambda _: nested(levels))

    execution = ran(alone(Type="Task", Resource=FUNCTION + "deep"), {}, account)

    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert "is nested more than 200 levels deep" in (execution.cause or "")
    assert "RecursionError" not in (execution.cause or "")
