"""ValidateTemplate, ContinueUpdateRollback, and what of templates is refused in words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated.stacks import SmallStack, small_stack
from pocketaws.runtime import LocalRuntime

TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {}}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}


@pytest.fixture
def stack(runtime: LocalRuntime) -> Iterator[SmallStack]:
    with small_stack(runtime) as made:
        yield made


@pytest.fixture
def cloudformation(runtime: LocalRuntime) -> Any:
    return runtime.client("cloudformation")


def test_a_template_is_told_with_its_parameters_and_capabilities(cloudformation: Any) -> None:
    template = {
        "Description": "Two",
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Days": {"Type": "Number", "Default": 3, "Description": "of keeping"}},
        "Resources": {"Topic": TOPIC, "Role": ROLE},
    }

    told = cloudformation.validate_template(TemplateBody=json.dumps(template))

    (parameter,) = told["Parameters"]
    assert (parameter["ParameterKey"], parameter["DefaultValue"]) == ("Days", "3")
    assert (told["Description"], told["Capabilities"]) == ("Two", ["CAPABILITY_IAM"])
    assert told["DeclaredTransforms"] == ["AWS::Serverless-2016-10-31"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{", "Template format error: "),
        ("Resources: {}", "At least one Resources member must be defined"),
        ("Resources: {A: {Properties: {}}}", "Every Resources object must contain a Type member"),
        (
            "Resources: {A: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Ref B}}}",
            "Unresolved resource dependencies .B.",
        ),
    ],
)
def test_what_is_no_template_is_refused(cloudformation: Any, body: str, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        cloudformation.validate_template(TemplateBody=body)


def test_a_stack_whose_rollback_has_not_failed_has_nothing_to_continue(
    cloudformation: Any, stack: SmallStack
) -> None:
    stack.create({"Topic": TOPIC})

    with pytest.raises(ClientError, match="is in CREATE_COMPLETE state and can not continue"):
        cloudformation.continue_update_rollback(StackName=stack.name)


def test_a_rollback_that_failed_goes_on_without_what_is_skipped(
    runtime: LocalRuntime, cloudformation: Any, stack: SmallStack
) -> None:
    stack.create({"Topic": TOPIC})
    arn = stack.physical_id("Topic")
    # Somebody takes it away by hand: it can be changed neither forth nor back.
    runtime.client("sns").delete_topic(TopicArn=arn)
    changed = {"Topic": {**TOPIC, "Properties": {"DisplayName": "Bell"}}}
    assert stack.update(changed).startswith("UPDATE_ROLLBACK_FAILED")

    cloudformation.continue_update_rollback(StackName=stack.name)
    again = stack.described()["StackStatus"]
    cloudformation.continue_update_rollback(StackName=stack.name, ResourcesToSkip=["Topic"])

    assert again == "UPDATE_ROLLBACK_FAILED"
    assert stack.described()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_language_extensions_are_done(runtime: LocalRuntime, stack: SmallStack) -> None:
    lookup = ["Names", {"Ref": "AWS::Region"}, "Word", {"DefaultValue": {"Ref": "Other"}}]
    told = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {
            "Name": {"Fn::Sub": "/${AWS::StackName}/told"},
            "Type": "String",
            "Value": {
                "Fn::ToJsonString": {
                    "topics": {"Fn::Length": {"Ref": "Topics"}},
                    "word": {"Fn::FindInMap": lookup},
                    "first": {"Ref": "TopicA"},
                }
            },
        },
    }
    topic = {"Topic${Name}": {**TOPIC, "DeletionPolicy": {"Ref": "Policy"}}}

    said = stack.create(
        {"Fn::ForEach::Topics": ["Name", {"Ref": "Topics"}, topic], "Told": told},
        Transform="AWS::LanguageExtensions",
        Mappings={"Names": {"nowhere-1": {"Word": "w"}}},
        Parameters={
            "Topics": {"Type": "CommaDelimitedList", "Default": "A,B"},
            "Policy": {"Type": "String", "Default": "Delete"},
            "Other": {"Type": "String", "Default": "other"},
        },
    )

    assert said.startswith("CREATE_COMPLETE"), said
    value = runtime.client("ssm").get_parameter(Name=f"/{stack.name}/told")["Parameter"]["Value"]
    first = stack.physical_id("TopicA")
    assert value == f'{{"topics":2,"word":"other","first":"{first}"}}'
    assert stack.physical_id("TopicB")


def test_a_state_machine_that_logs_needs_one_log_group(stack: SmallStack) -> None:
    state = {"Type": "Pass", "End": True}
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": "arn:aws:iam::123456789012:role/any",
            "Definition": {"StartAt": "A", "States": {"A": state}},
            "LoggingConfiguration": {"Level": "ALL"},
        },
    }

    assert "Must specify exactly one Log Destination" in stack.create({"Machine": machine})


def test_a_loop_without_its_transform_is_refused(stack: SmallStack) -> None:
    loop = {"Fn::ForEach::Topics": ["Name", ["A", "B"], {"Topic${Name}": TOPIC}]}

    assert "Fn::ForEach::Topics needs the transform" in stack.create(loop)


def test_a_parameter_is_told_as_given_with_what_was_read_for_it(
    runtime: LocalRuntime, stack: SmallStack
) -> None:
    runtime.client("ssm").put_parameter(Name=f"/{stack.name}", Value="read", Type="String")
    parameters = {
        "Read": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": f"/{stack.name}"},
        "Secret": {"Type": "String", "NoEcho": True, "Default": "not told"},
        "Several": {"Type": "CommaDelimitedList", "Default": "a,b"},
    }

    stack.create({"Topic": TOPIC}, Parameters=parameters)

    told = {item.pop("ParameterKey"): item for item in stack.described()["Parameters"]}
    assert told == {
        "Read": {"ParameterValue": f"/{stack.name}", "ResolvedValue": "read"},
        "Secret": {"ParameterValue": "****"},
        "Several": {"ParameterValue": "a,b"},
    }
