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
CHOICE = {"Type": "Choice", "Choices": [{"Next": "A"}, {"Next": "C"}], "Default": "B"}


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


def test_those_after_a_choice_are_all_that_it_may_lead_to() -> None:
    states = {"First": {**FIRST, "Next": "If"}, "If": CHOICE, "A": calls("a"), "B": calls("b"),
              "C": {"Type": "Fail"}}  # fmt: skip

    assert sorted(functions_after(states, "First")) == ["a", "b"]


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
