"""AWS::LanguageExtensions does to a template what CloudFormation does.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from typing import Any

import pytest

from pocketaws.cloudformation.language_extensions import LOOKUP, TRANSFORM, extended
from pocketaws.errors import DeploymentError

TOPIC = {"Type": "AWS::SNS::Topic"}


def resources(given: dict[str, Any], parameters: Any = None, **more: Any) -> dict[str, Any]:
    template = {"Transform": TRANSFORM, **more, "Resources": given}
    made: dict[str, Any] = extended(template, parameters or {})["Resources"]
    return made


def loop(collection: Any, body: Any, name: str = "Name") -> dict[str, Any]:
    return {f"Fn::ForEach::Of{name}": [name, collection, body]}


def test_a_loop_is_written_out_in_ids_texts_and_references() -> None:
    body = {
        "Topic${Name}": {
            **TOPIC,
            "Properties": {
                "TopicName": {"Fn::Sub": "${AWS::StackName}-${Name}"},
                "DisplayName": {"Ref": "Name"},
                "Tags": [{"Key": "${Name}", "Value": {"Fn::GetAtt": ["Role${Name}", "Arn"]}}],
            },
        }
    }

    assert resources(loop(["A", "B"], body)) == {
        f"Topic{name}": {
            **TOPIC,
            "Properties": {
                "TopicName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
                "DisplayName": name,
                "Tags": [{"Key": name, "Value": {"Fn::GetAtt": [f"Role{name}", "Arn"]}}],
            },
        }
        for name in ("A", "B")
    }


def test_what_no_id_may_have_is_left_out_of_ids() -> None:
    body = {"Topic&{Name}": {**TOPIC, "Properties": {"TopicName": "${Name}"}}}

    assert resources(loop(["a.b", "c-d"], body)) == {
        "Topicab": {**TOPIC, "Properties": {"TopicName": "a.b"}},
        "Topiccd": {**TOPIC, "Properties": {"TopicName": "c-d"}},
    }


def test_loops_stand_in_loops_and_in_properties() -> None:
    inner = loop(["X", "Y"], {"${Outer}${Name}": TOPIC})
    made = resources(loop(["A", "B"], inner, "Outer"))
    tags = loop(["k"], {"Key${Name}": "v"})
    within = resources({"T": {**TOPIC, "Properties": tags}})

    assert list(made) == ["AX", "AY", "BX", "BY"]
    assert within == {"T": {**TOPIC, "Properties": {"Keyk": "v"}}}


@pytest.mark.parametrize(
    ("collection", "parameters"),
    [
        ({"Ref": "Names"}, {}),
        ({"Ref": "Names"}, {"Names": "A,B"}),
        (["A", {"Ref": "Other"}], {"Other": "B"}),
        ({"Fn::FindInMap": ["Map", "Top", "Names"]}, {}),
    ],
)
def test_what_is_looped_over_may_be_a_parameter_or_a_lookup(
    collection: Any, parameters: dict[str, str]
) -> None:
    made = resources(
        loop(collection, {"T${Name}": TOPIC}),
        parameters,
        Parameters={"Names": {"Type": "CommaDelimitedList", "Default": "A, B"}},
        Mappings={"Map": {"Top": {"Names": ["A", "B"]}}},
    )

    assert list(made) == ["TA", "TB"]


def test_policies_get_their_values_and_lookups_with_a_default_a_name_of_their_own() -> None:
    find = {"Fn::FindInMap": ["Map", "None", "Keep", {"DefaultValue": "Delete"}]}
    made = resources(
        {
            "A": {**TOPIC, "DeletionPolicy": {"Ref": "Keep"}, "UpdateReplacePolicy": find},
            "B": {**TOPIC, "Properties": {"DisplayName": find}},
        },
        {"Keep": "Retain"},
        Mappings={"Map": {"Top": {"Keep": "Retain"}}},
    )

    assert (made["A"]["DeletionPolicy"], made["A"]["UpdateReplacePolicy"]) == ("Retain", "Delete")
    assert made["B"]["Properties"]["DisplayName"] == {LOOKUP: find["Fn::FindInMap"]}


def test_other_transforms_stay() -> None:
    sam = "AWS::Serverless-2016-10-31"

    assert extended({"Transform": [TRANSFORM, sam], "Resources": {}}, {})["Transform"] == [sam]
    assert "Transform" not in extended({"Transform": TRANSFORM, "Resources": {}}, {})
    assert extended({"Resources": {"A": TOPIC}}, {}) == {"Resources": {"A": TOPIC}}


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ({"Resources": loop(["A"], {})}, "OfName needs the transform AWS::LanguageExtensions"),
        ({"Transform": TRANSFORM, "Resources": {"Fn::ForEach::X": ["a"]}}, "must be a list"),
        ({"Transform": TRANSFORM, "Resources": loop({"Ref": "No"}, {})}, "must be a list, a list"),
        ({"Transform": TRANSFORM, "Resources": loop(["A", "B"], {"T": TOPIC})}, "more than once"),
        (
            {
                "Transform": TRANSFORM,
                "Resources": {"A": {**TOPIC, "DeletionPolicy": {"Fn::GetAtt": ["B", "C"]}}},
            },
            "DeletionPolicy must be",
        ),
    ],
)
def test_what_cannot_be_written_out_is_refused(template: dict[str, Any], words: str) -> None:
    with pytest.raises(DeploymentError, match=words):
        extended(template, {})
