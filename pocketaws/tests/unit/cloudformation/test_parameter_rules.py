"""What a template allows its parameters to be."""

import re
from typing import Any

import pytest

from pocketaws.cloudformation.parameter_rules import parameter_problem


@pytest.mark.parametrize(
    ("slot", "value", "told"),
    [
        ({"Type": "Number", "MinValue": 1}, "0", "'P' must be a number not less than 1, got '0'"),
        ({"Type": "Number", "MaxValue": 9}, "10", "'P' must be a number not greater than 9"),
        ({"Type": "Number"}, "many", "'P' must be a number, got 'many'"),
        ({"Type": "Number", "MinValue": 1}, "nan", "'P' must be a number, got 'nan'"),
        ({"Type": "Number"}, "1_000", "'P' must be a number, got '1_000'"),
        ({"Type": "Number"}, "\u0663", "'P' must be a number"),
        ({"Type": "String", "AllowedPattern": r"\w+"}, "\u00e9", r"must match pattern \\w\+"),
        ({"Type": "String", "AllowedValues": ["a", 1]}, "b", "must be one of AllowedValues: a, 1"),
        ({"Type": "String", "MaxLength": 3}, "four", "'P' must contain at most 3 characters"),
        ({"Type": "String", "MinLength": "2"}, "1", "'P' must contain at least 2 characters"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A", r"must match pattern \[a-z\]\+"),
        (
            {"AllowedPattern": "[a-z]+", "ConstraintDescription": "must be small"},
            "A",
            "Parameter P failed to satisfy constraint: must be small, got 'A'",
        ),
    ],
)
def test_a_value_that_is_not_allowed_is_named(slot: dict[str, Any], value: str, told: str) -> None:
    assert re.search(told, parameter_problem("P", slot, value))


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "1"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "9.0"),
        ({"Type": "Number", "MaxValue": 0}, "-.5e1"),
        ({"Type": "String", "AllowedPattern": ".+"}, "\u00e9"),
        ({"Type": "String", "AllowedValues": ["true", "false"]}, "true"),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "AllowedPattern": "^/.*$"}, "/a/name"),
        ({"Type": "String"}, ""),
        ({"Type": "String", "MinLength": 1, "MaxLength": "3"}, "abc"),
    ],
)
def test_a_value_that_is_allowed_has_no_problem(slot: dict[str, Any], value: str) -> None:
    assert parameter_problem("P", slot, value) == ""


def test_a_value_that_must_not_be_shown_is_not_shown() -> None:
    told = parameter_problem(
        "P", {"Type": "String", "AllowedPattern": "x", "NoEcho": True}, "hidden"
    )

    assert told == "Parameter 'P' must match pattern x"
