"""What CloudFormation refuses of a template before it makes anything."""

from typing import Any

import pytest

from pocketaws.cloudformation.template_rules import absent, rule_problems

TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic"}


def parameter(value: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Value": value}, **more}


def of(*resources: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """Return a template whose resources are called A, B, C."""
    return {"Resources": dict(zip("ABC", resources, strict=False)), **sections}


REFUSED: list[tuple[Any, str]] = [
    ("text", "Template format error: unsupported structure."),
    ({}, "Template format error: At least one Resources member must be defined."),
    (of(), "Template format error: At least one Resources member must be defined."),
    (of(TOPIC, Parameter={}, Output={}), "Invalid template property or properties "),
    (of(TOPIC, AWSTemplateFormatVersion="2010-9-9"), "unsupported value for AWSTemplateFormat"),
    (of({"Properties": {}}), "[/Resources/A] Every Resources object must contain a Type member."),
    (of({**TOPIC, "Propertys": {}}), "Invalid template resource property 'Propertys'"),
    (of(parameter(None)), "[/Resources/A/Properties/Value] 'null' values are not allowed in"),
    (of(parameter(["a", None])), "[/Resources/A/Properties/Value/1] 'null' values"),
    (of(TOPIC, Parameters={"P": {"Default": "x"}}), "Every Parameters object must contain a Type"),
    (of(TOPIC, Outputs={"O": {"Description": "x"}}), "Every Outputs member must contain a Value"),
    (of(parameter({"Ref": "Z"})), "Unresolved resource dependencies [Z] in the Resources block"),
    (of(parameter({"Fn::Sub": "${Y}-${!X}-${AWS::Region}-${Z}"})), "dependencies [Y, Z] in the Re"),
    (of(parameter({"Fn::Sub": ["${a}${Z}", {"a": "1"}]})), "dependencies [Z] in the Resources"),
    (of({**TOPIC, "DependsOn": ["Z"]}), "Unresolved resource dependencies [Z] in the Resources"),
    (of(TOPIC, Outputs={"O": {"Value": {"Ref": "Z"}}}), "[Z] in the Outputs block of the template"),
    (of(parameter({"Fn::GetAtt": ["Z", "Arn"]})), "Fn::GetAtt references undefined resource Z"),
    (of(parameter({"Fn::GetAtt": "Z.Arn"})), "Fn::GetAtt references undefined resource Z"),
    (of(parameter({"Fn::Sub": "${Z.Arn}"})), "Fn::GetAtt references undefined resource Z"),
    (of({**TOPIC, "Condition": "No"}), "Unresolved condition dependency No in the Resources block"),
    (of(TOPIC, Outputs={"O": {"Value": "x", "Condition": "No"}}), "No in the Outputs block"),
    (of(parameter({"Fn::If": ["No", 1, 2]})), "unresolved condition dependency No in Fn::If"),
    (
        of(TOPIC, Conditions={"Is": {"Fn::Equals": [{"Ref": "A"}, "x"]}}),
        "Unresolved dependencies [A]. Cannot reference resources in the Conditions block",
    ),
]


@pytest.mark.parametrize(("template", "words"), REFUSED)
def test_a_template_is_refused_in_cloudformations_words(template: Any, words: str) -> None:
    assert words in "\n".join(rule_problems(template))


@pytest.mark.parametrize(
    "template",
    [
        of(TOPIC, AWSTemplateFormatVersion="2010-09-09", Metadata={"any": None}, Transform=[]),
        of(parameter({"Fn::Sub": "${AWS::StackName}${!Z}"}), TOPIC),
        of(parameter({"Ref": "AWS::NoValue"}), {**TOPIC, "DependsOn": "A"}),
        of(
            parameter({"Fn::If": ["Is", {"Ref": "B"}, {"Ref": "P"}]}),
            {**TOPIC, "Condition": "Is"},
            Parameters={"P": {"Type": "String"}},
            Conditions={"Is": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        ),
    ],
)
def test_a_template_that_is_right_passes(template: Any) -> None:
    assert not list(rule_problems(template))


def test_what_a_condition_keeps_out_cannot_be_referred_to() -> None:
    conditional = of({**TOPIC, "Condition": "Is"}, parameter({"Ref": "A"}))
    guarded = of(
        {**TOPIC, "Condition": "Is"},
        parameter({"Fn::If": ["Is", {"Ref": "A"}, "none"]}),
        {**parameter({"Ref": "A"}), "Condition": "Is"},
    )
    waiting = of({**TOPIC, "Condition": "Is"}, {**TOPIC, "DependsOn": "A"})

    (problem,) = absent(conditional, lambda _: False)

    assert "Unresolved resource dependencies [A] in the Resources block" in problem
    assert not list(absent(conditional, lambda _: True))
    assert not list(absent(guarded, lambda _: False))
    assert not list(absent(waiting, lambda _: False))


def test_resources_that_wait_for_each_other_are_named_and_no_others() -> None:
    circle = of(
        parameter({"Ref": "B"}),
        {**parameter("x"), "DependsOn": "A"},
        parameter({"Fn::Sub": "${A}"}),
    )

    assert list(absent(circle, bool)) == ["Circular dependency between resources: [A, B]"]
    assert not list(absent(of(parameter({"Ref": "B"}), parameter({"Ref": "C"}), TOPIC), bool))
