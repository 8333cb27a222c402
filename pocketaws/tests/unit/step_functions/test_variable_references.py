"""A machine's description names the variables that each state refers to."""

import json
from typing import Any

import pytest

from emulated.machines import alone, jsonata, machine
from pocketaws.step_functions.variable_references import references

PASS = {"Type": "Pass", "End": True}


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        (alone(Type="Pass", Parameters={"a.$": "$.x", "b.$": "$$.State.Name", "c": "$d"}), {}),
        (alone(Type="Pass", Parameters={"a.$": "$b.x", "c": [{"d.$": "$b"}]}), {"A": ["b"]}),
        (alone(Type="Pass", InputPath="$one", OutputPath="$two"), {"A": ["one", "two"]}),
        (
            alone(Type="Pass", Assign={"a.$": "States.Format('{}{}', $b, States.MathAdd($c, 1))"}),
            {"A": ["b", "c"]},
        ),
        (
            machine(
                A={
                    "Type": "Choice",
                    "Choices": [{"Not": {"Variable": "$v", "IsNull": True}, "Next": "B"}],
                },
                B=PASS,
            ),
            {"A": ["v"]},
        ),
        (
            jsonata(A={**PASS, "Output": "{% $sum($states.input.x) + $y %}"}),
            {"A": ["y"]},
        ),
        (
            jsonata(
                A={**PASS, "Output": "{% ($x := 1; $map([1], function($v) { $v + $x + $z })) %}"}
            ),
            {"A": ["z"]},
        ),
        (jsonata(A={**PASS, "Output": "{% '$x' & \"$y\" /* $z */ %}"}), {}),
        (
            alone(
                Type="Map",
                ItemsPath="$items",
                ItemProcessor=machine(I={**PASS, "Parameters": {"a.$": "$inner"}}),
            ),
            {"A": ["items"], "I": ["inner"]},
        ),
    ],
)
def test_the_variables_of_each_state_are_named(definition: Any, found: dict[str, Any]) -> None:
    assert references(json.dumps(definition)) == found
