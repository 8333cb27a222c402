"""Choice rules decide as Step Functions' do."""

from typing import Any, NamedTuple

import pytest

from emulated.machines import GUIDE, RECORDED, SPEC, alone, jsonata, machine, output, ran

DATA = {
    "text": "Ann",
    "stars": "a*b",
    "slash": "a\\b",
    "number": 3,
    "half": 3.0,
    "yes": True,
    "none": None,
    "list": [1],
    "object": {"a": 1},
    "time": "2026-11-28T10:00:00Z",
    "precise": "2026-11-28T10:00:00.001Z",
    "zone": "2026-11-28T11:00:00+01:00",
    "lower": "2026-11-28t10:00:00z",
    "day": "2026-11-28",
}


class Case(NamedTuple):
    rule: dict[str, Any]
    holds: bool
    source: str = SPEC


def on(variable: str, sign: str, operand: Any) -> dict[str, Any]:
    return {"Variable": f"$.{variable}", sign: operand}


CASES = [
    Case(on("text", "StringEquals", "Ann"), True),
    Case(on("text", "StringEquals", "ann"), False),
    Case(on("number", "StringEquals", "3"), False, RECORDED),
    Case(on("text", "StringLessThan", "Bob"), True),
    Case(on("text", "StringGreaterThan", "Aaa"), True),
    Case(on("text", "StringLessThanEquals", "Ann"), True),
    Case(on("text", "StringGreaterThanEquals", "Anz"), False),
    Case(on("text", "StringEqualsPath", "$.text"), True),
    Case(on("text", "StringEqualsPath", "$.number"), False, RECORDED),
    Case(on("number", "NumericEquals", 3), True),
    Case(on("half", "NumericEquals", 3), True),
    Case(on("text", "NumericEquals", 3), False, RECORDED),
    Case(on("yes", "NumericEquals", 1), False),
    Case(on("number", "NumericLessThan", 3), False),
    Case(on("number", "NumericLessThanEquals", 3), True),
    Case(on("number", "NumericGreaterThan", 2.5), True),
    Case(on("number", "NumericGreaterThanEqualsPath", "$.half"), True),
    Case(on("yes", "BooleanEquals", True), True),
    Case(on("yes", "BooleanEquals", False), False),
    Case(on("number", "BooleanEquals", True), False),
    Case(on("yes", "BooleanEqualsPath", "$.yes"), True),
    Case(on("time", "TimestampEquals", "2026-11-28T10:00:00Z"), True),
    Case(on("time", "TimestampEqualsPath", "$.zone"), True, RECORDED),
    Case(on("precise", "TimestampGreaterThan", "2026-11-28T10:00:00Z"), True, RECORDED),
    Case(on("time", "TimestampLessThanPath", "$.precise"), True, RECORDED),
    Case(on("text", "TimestampEquals", "2026-11-28T10:00:00Z"), False),
    Case(on("none", "IsNull", True), True),
    Case(on("text", "IsNull", True), False),
    Case(on("text", "IsNull", False), True),
    Case(on("text", "IsString", True), True),
    Case(on("number", "IsNumeric", True), True),
    Case(on("yes", "IsNumeric", True), False),
    Case(on("yes", "IsBoolean", True), True),
    Case(on("precise", "IsTimestamp", True), True, RECORDED),
    Case(on("zone", "IsTimestamp", True), True, RECORDED),
    Case(on("lower", "IsTimestamp", True), False),
    Case(on("day", "IsTimestamp", True), False),
    Case(on("list", "IsPresent", True), True),
    Case(on("missing", "IsPresent", True), False),
    Case(on("missing", "IsPresent", False), True),
    Case(on("object.a", "IsPresent", True), True),
    Case(on("text", "StringMatches", "A*"), True),
    Case(on("text", "StringMatches", "*n"), True),
    Case(on("text", "StringMatches", "A?n"), False, GUIDE),
    Case(on("text", "StringMatches", "A[n]n"), False, GUIDE),
    Case(on("text", "StringMatches", "a*"), False),
    Case(on("stars", "StringMatches", "a\\*b"), True, GUIDE),
    Case(on("text", "StringMatches", "A\\*"), False, GUIDE),
    Case(on("slash", "StringMatches", "a\\\\b"), True, GUIDE),
    Case(on("slash", "StringMatches", "*\\\\*"), True, GUIDE),
    Case(on("number", "StringMatches", "*"), False),
    Case({"And": [on("yes", "BooleanEquals", True), on("number", "NumericEquals", 3)]}, True),
    Case({"And": [on("yes", "BooleanEquals", False), on("missing", "IsNull", True)]}, False),
    Case({"Or": [on("yes", "BooleanEquals", True), on("missing", "IsNull", True)]}, True),
    Case({"Or": [on("yes", "BooleanEquals", False), on("text", "StringEquals", "x")]}, False),
    Case({"Not": on("text", "StringEquals", "x")}, True),
    Case({"Not": {"And": [on("yes", "IsBoolean", True), on("text", "IsString", True)]}}, False),
    Case({"Variable": "$$.Execution.Name", "StringEquals": "e"}, True, GUIDE),
]


def deciding(rule: dict[str, Any]) -> dict[str, Any]:
    return machine(
        Choose={"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        Yes={"Type": "Pass", "Result": True, "End": True},
        No={"Type": "Pass", "Result": False, "End": True},
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.rule))
def test_a_rule_holds_where_the_service_has_it_hold(case: Case) -> None:
    assert output(ran(deciding(case.rule), DATA)) is case.holds


# https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html: IsPresent is the guard.
@pytest.mark.parametrize(
    "rule",
    [
        on("missing", "StringEquals", "x"),
        on("missing", "IsNull", True),
        on("text", "StringEqualsPath", "$.missing"),
        on("missing", "StringMatches", "*"),
        {"Not": on("missing", "BooleanEquals", True)},
        {"And": [on("yes", "BooleanEquals", True), on("missing", "NumericEquals", 1)]},
        {"Or": [on("missing", "NumericEquals", 1), on("yes", "BooleanEquals", True)]},
    ],
    ids=str,
)
def test_a_comparison_of_what_is_not_there_fails_the_execution(rule: dict[str, Any]) -> None:
    execution = ran(deciding(rule), DATA)

    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert execution.cause == (
        "An error occurred while executing the state 'Choose' (entered at the event id #2). "
        "Invalid path '$.missing': The choice state's condition path references an invalid value."
    )


def test_without_a_rule_that_holds_and_a_default_no_choice_matched() -> None:
    rule = {**on("text", "StringEquals", "x"), "Next": "End"}
    execution = ran(machine(A={"Type": "Choice", "Choices": [rule]}, End={"Type": "Succeed"}), DATA)

    assert execution.error == "States.NoChoiceMatched"


def test_the_rule_that_is_chosen_sets_variables() -> None:
    rule = {**on("number", "NumericEquals", 3), "Next": "B", "Assign": {"kept.$": "$.text"}}
    definition = machine(
        A={"Type": "Choice", "Choices": [rule], "Default": "B", "Assign": {"kept": "default"}},
        B={"Type": "Pass", "Parameters": {"kept.$": "$kept"}, "End": True},
    )

    assert output(ran(definition, DATA)) == {"kept": "Ann"}
    assert output(ran(definition, {"number": 4})) == {"kept": "default"}


def test_a_condition_of_jsonata_decides_and_must_be_a_boolean() -> None:
    def choosing(condition: Any) -> dict[str, Any]:
        rule = {
            "Condition": condition,
            "Next": "Yes",
            "Output": {"n": "{% $states.input.number %}"},
        }
        return jsonata(
            A={"Type": "Choice", "Choices": [rule], "Default": "No", "Output": "no"},
            Yes={"Type": "Succeed"},
            No={"Type": "Succeed"},
        )

    assert output(ran(choosing("{% $states.input.number > 2 %}"), DATA)) == {"n": 3}
    assert output(ran(choosing("{% $states.input.number > 3 %}"), DATA)) == "no"
    assert ran(choosing("{% $states.input.number %}"), DATA).error == "States.QueryEvaluationError"


def test_a_choice_hands_its_input_on_through_its_paths() -> None:
    rule = {"Variable": "$.a", "NumericEquals": 1, "Next": "B"}
    chooses = {"Type": "Choice", "InputPath": "$.object", "Choices": [rule], "OutputPath": "$.a"}

    assert output(ran(machine(A=chooses, B={"Type": "Succeed"}), DATA)) == 1
    assert output(ran(alone(Type="Succeed", InputPath="$.object"), DATA)) == {"a": 1}
