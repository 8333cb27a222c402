"""Which functions may be called next, before anything else takes time."""

from typing import Any

import pytest

from emulated.machines import FUNCTION, INVOKE, Account, machine, ran
from pocketaws.step_functions.engine.upcoming import functions_after


def calls(name: Any, **more: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": name},
        "End": True,
        **more,
    }


FIRST = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish"}
CHOICE = {
    "Type": "Choice",
    "Choices": [
        {"Variable": "$.a", "BooleanEquals": True, "Next": "A"},
        {"Variable": "$.c", "BooleanEquals": True, "Next": "C"},
    ],
    "Default": "B",
}


@pytest.mark.parametrize(
    ("states", "functions"),
    [
        ({"A": calls("a")}, ["a"]),
        ({"A": {"Type": "Pass", "Next": "B"}, "B": calls("b")}, ["b"]),
        ({"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": calls("b")}, []),
        ({"A": {"Type": "Task", "Resource": FUNCTION + "a", "End": True}}, [FUNCTION + "a"]),
        ({"A": calls("a", Parameters={"FunctionName.$": "$.name"})}, []),
        ({"A": calls("{% $name %}")}, []),
        ({"A": calls("a", Resource=INVOKE + ".waitForTaskToken")}, []),
        ({"A": calls("a", Next="B"), "B": calls("b")}, ["a"]),
        # Round and round.
        ({"A": {"Type": "Pass", "Next": "B"}, "B": {**CHOICE, "Default": "C"}, "C": calls("c")},
         ["c"]),
    ],
)  # fmt: skip
def test_functions_after_a_state(states: dict[str, Any], functions: list[str]) -> None:
    assert functions_after({"First": {**FIRST, "Next": "A"}, **states}, "First") == functions


@pytest.mark.parametrize(
    ("value", "functions"),
    [
        ({}, ["a", "b", "c"]),
        ({"a": True}, ["a"]),
        ({"a": False}, ["b", "c"]),
        ({"c": True}, ["a", "c"]),
        ({"a": False, "c": False}, ["b"]),
    ],
)
def test_a_choice_leads_where_it_would_now_as_far_as_that_can_be_said(
    value: dict[str, bool], functions: list[str]
) -> None:
    called = {name: calls(name.lower()) for name in ("A", "B", "C")}
    states = {"First": {**FIRST, "Next": "If"}, "If": CHOICE, **called}

    assert sorted(functions_after(states, "First", {"$": value})) == functions


def test_a_condition_in_jsonata_may_hold() -> None:
    rule = {"Condition": "{% $states.input.a %}", "Next": "A"}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "B"}
    states = {"First": {**FIRST, "Next": "If"}, "If": choice, "A": calls("a"), "B": calls("b")}

    assert functions_after(states, "First", {"$": {}}) == ["a", "b"]


def test_an_execution_tells_of_them_when_a_task_is_entered_but_not_for_each_item() -> None:
    first = calls("first", End=False, Next="Second", Resource=FUNCTION + "echo")
    inner = {
        "Task": {**first, "Next": "Inner"},
        "Inner": calls("inner", Resource=FUNCTION + "echo"),
    }
    each = {"Type": "Map", "ItemProcessor": {"StartAt": "Task", "States": inner}, "End": True}
    second = {"Type": "Task", "Resource": FUNCTION + "echo", "Next": "Each"}
    del first["End"], inner["Task"]["End"]
    account = Account()
    ran(machine(First=first, Second={**second, "Parameters": [1, 2]}, Each=each), {}, account)

    assert account.expected == [FUNCTION + "echo"]
