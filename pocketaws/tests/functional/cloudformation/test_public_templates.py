"""Forms of templates that others publish, in a stack each."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulated.roles import made_role
from emulated.stacks import SmallStack, small_stack
from pocketaws.errors import DeploymentError
from pocketaws.runtime import LocalRuntime

MACHINE = "AWS::StepFunctions::StateMachine"
SAY = {"StartAt": "Say", "States": {"Say": {"Type": "Pass", "Result": "${Word}", "End": True}}}
# What the transform leaves alone, with a trust as people write it.
REGIONAL = """
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: !Sub "states.${AWS::Region}.amazonaws.com"}
            Action: sts:AssumeRole
            Condition:
              ArnLike:
                aws:SourceArn: !Sub "arn:aws:states:${AWS::Region}:${AWS::AccountId}:stateMachine:*"
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/AmazonSNSFullAccess
      Policies:
        - PolicyName: inline
          PolicyDocument:
            Version: 2012-10-17
            Statement: {Effect: Allow, Action: sqs:*, Resource: "*"}
  Topic:
    Type: AWS::SNS::Topic
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"StartAt": "Tell", "States": {"Tell": {
          "Type": "Task", "End": true,
          "Resource": "arn:${AWS::Partition}:states:::sns:publish",
          "Parameters": {"TopicArn": "${Topic.TopicArn}", "Message.$": "$$.Execution.Input.word"}}}}
Outputs:
  MachineArn:
    Value: !GetAtt Machine.Arn
"""


@pytest.fixture
def stack(runtime: LocalRuntime) -> Iterator[SmallStack]:
    with small_stack(runtime) as made:
        yield made


@pytest.mark.parametrize("form", ["Definition", "DefinitionString"])
def test_a_definition_in_the_template_gets_its_substitutions(
    runtime: LocalRuntime, stack: SmallStack, form: str
) -> None:
    properties = {
        "RoleArn": made_role(runtime, "small-machine"),
        form: SAY if form == "Definition" else json.dumps(SAY),
        "DefinitionSubstitutions": {"Word": {"Ref": "AWS::Region"}},
        "StateMachineType": "EXPRESS",
    }

    end = stack.create(
        {"It": {"Type": MACHINE, "Properties": properties}},
        Outputs={
            "Name": {"Value": {"Fn::GetAtt": ["It", "Name"]}},
            "Revision": {"Value": {"Fn::GetAtt": ["It", "StateMachineRevisionId"]}},
        },
    )

    assert end == "CREATE_COMPLETE"
    told = runtime.client("stepfunctions").describe_state_machine(
        stateMachineArn=stack.physical_id("It")
    )
    assert json.loads(told["definition"])["States"]["Say"]["Result"] == "us-east-1"
    assert (told["type"], told["name"]) == ("EXPRESS", stack.output("Name"))


def test_a_machine_whose_role_trusts_the_regional_service_runs(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(REGIONAL)

    deployed = runtime.deploy(path, stack_name="regional")

    execution = runtime.run(deployed.outputs["MachineArn"], {"word": "hello"})
    runtime.client("cloudformation").delete_stack(StackName="regional")
    assert execution.status == "SUCCEEDED", execution.cause


def test_a_policy_of_aws_that_is_not_there_fails_its_role(stack: SmallStack) -> None:
    end = stack.create(
        {
            "It": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
                    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/NoSuchPolicyOfAws"],
                },
            }
        }
    )

    assert "NoSuchPolicyOfAws does not exist" in end


def test_a_model_has_its_name_and_several_containers(
    runtime: LocalRuntime, stack: SmallStack
) -> None:
    from emulated.images import XGBOOST_URI

    properties = {
        "ModelName": f"{stack.name}-model",
        "ExecutionRoleArn": made_role(runtime, "serves"),
        "Containers": [{"Image": XGBOOST_URI}, {"Image": XGBOOST_URI}],
    }

    end = stack.create(
        {"It": {"Type": "AWS::SageMaker::Model", "Properties": properties}},
        Outputs={"Name": {"Value": {"Fn::GetAtt": ["It", "ModelName"]}}},
    )

    told = runtime.client("sagemaker").describe_model(ModelName=f"{stack.name}-model")
    assert (end, stack.output("Name")) == ("CREATE_COMPLETE", f"{stack.name}-model")
    assert len(told["Containers"]) == 2


def test_an_attribute_that_a_type_has_not_is_told(stack: SmallStack) -> None:
    topic: dict[str, Any] = {"Type": "AWS::SNS::Topic"}

    end = stack.create({"It": topic}, Outputs={"X": {"Value": {"Fn::GetAtt": ["It", "Colour"]}}})

    assert "Colour" in end


def test_a_reference_to_nothing_is_told_in_words(runtime: LocalRuntime, tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "Resources: {It: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub 'x ${Nothing}'}}}"
    )

    with pytest.raises(DeploymentError, match=r"Unresolved resource dependencies \[Nothing\]"):
        runtime.deploy(path, stack_name="nothing")
