"""What AWS's limits refuse is refused over HTTP, and where a stack's resource asks for it."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pocketaws.runtime import LocalRuntime

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def client(runtime: LocalRuntime) -> Client:
    """Make clients that leave it to the service to refuse."""
    config = Config(parameter_validation=False, retries={"max_attempts": 0})
    return lambda service: boto3.client(service, region_name=runtime.region, config=config)


TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:none"
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("ssm", "put_parameter", {"Name": "/a", "Value": "x" * 4097}, "ValidationException"),
    (
        "sns",
        "publish",
        {"TopicArn": TOPIC_ARN, "Message": "m", "Subject": "\n"},
        "InvalidParameter",
    ),
    ("sns", "publish", {"TopicArn": TOPIC_ARN}, "ValidationError"),
    (
        "events",
        "put_rule",
        {"Name": "x" * 65, "ScheduleExpression": "rate(5 minutes)"},
        "ValidationException",
    ),
    (
        "events",
        "put_rule",
        {"Name": "x", "ScheduleExpression": "cron(99 * * * ? *)"},
        "ValidationException",
    ),
    (
        "cloudformation",
        "create_stack",
        {"StackName": "1abc", "TemplateBody": "{}"},
        "ValidationError",
    ),
    ("cloudformation", "delete_stack", {"StackName": "a_b"}, "ValidationError"),
    ("scheduler", "create_schedule_group", {"Name": "x" * 65}, "ValidationException"),
    ("scheduler", "get_schedule", {"Name": "a b"}, "ValidationException"),
    ("lambda", "invoke", {"FunctionName": "a b"}, "ValidationException"),
    (
        "lambda",
        "invoke",
        {"FunctionName": "f", "Payload": b"x" * 6_291_457},
        "RequestEntityTooLargeException",
    ),
    (
        "iam",
        "create_role",
        {"RoleName": "x" * 65, "AssumeRolePolicyDocument": "{}"},
        "ValidationError",
    ),
    (
        "iam",
        "put_role_policy",
        {"RoleName": "r", "PolicyName": "p", "PolicyDocument": "{"},
        "MalformedPolicyDocument",
    ),
    ("logs", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException"),
    ("dynamodb", "create_table", {"TableName": "a"}, "ValidationException"),
]


@pytest.mark.parametrize(("service", "operation", "request_", "code"), REFUSED)
def test_a_client_is_refused_in_the_services_code(
    client: Client, service: str, operation: str, request_: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refusal:
        getattr(client(service), operation)(**request_)

    assert refusal.value.response["Error"]["Code"] == code
    assert refusal.value.response["Error"]["Message"]


RESOURCES: list[tuple[str, dict[str, Any], str]] = [
    ("AWS::SSM::Parameter", {"Type": "String", "Value": "x" * 4097}, "4096 characters"),
    ("AWS::SNS::Topic", {"TopicName": "a b"}, "Topic Name 'a b'"),
    ("AWS::Events::Rule", {"ScheduleExpression": "cron(99 * * * ? *)"}, "'99' is no value"),
    ("AWS::Events::Rule", {"Name": "x" * 65, "EventPattern": {"a": ["b"]}}, "equal to 64"),
    (
        "AWS::SageMaker::ModelPackageGroup",
        {"ModelPackageGroupName": "x" * 64},
        "'modelPackageGroupName' failed",
    ),
    ("AWS::IAM::Role", {"RoleName": "x" * 65, "AssumeRolePolicyDocument": {}}, "'roleName' failed"),
    ("AWS::Logs::LogGroup", {"LogGroupName": "a b"}, "'logGroupName' failed"),
    (
        "AWS::Scheduler::Schedule",
        {
            "Name": "x" * 65,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ScheduleExpression": "rate(1 day)",
            "Target": {
                "Arn": "arn:aws:lambda:us-east-1:123456789012:function:nightly",
                "RoleArn": "arn:aws:iam::123456789012:role/nightly",
            },
        },
        "'name' failed",
    ),
]


@pytest.mark.parametrize(("resource_type", "properties", "words"), RESOURCES)
def test_a_stack_with_a_resource_past_a_limit_is_rolled_back(
    client: Client, resource_type: str, properties: dict[str, Any], words: str
) -> None:
    cloudformation, name = client("cloudformation"), f"s-{uuid.uuid4()}"
    template = {"Resources": {"Thing": {"Type": resource_type, "Properties": properties}}}

    cloudformation.create_stack(
        StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
    )

    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert f"Thing: {resource_type}: " in stack["StackStatusReason"]
    assert words in stack["StackStatusReason"]


def test_an_update_past_a_limit_is_rolled_back(client: Client) -> None:
    cloudformation, name = client("cloudformation"), f"s-{uuid.uuid4()}"

    def template(value: str) -> str:
        properties = {"Name": f"/{name}/p", "Type": "String", "Value": value}
        resource = {"Type": "AWS::SSM::Parameter", "Properties": properties}
        return json.dumps({"Resources": {"Thing": resource}})

    cloudformation.create_stack(StackName=name, TemplateBody=template("x" * 4096))
    cloudformation.update_stack(StackName=name, TemplateBody=template("x" * 4097))

    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    parameter = client("ssm").get_parameter(Name=f"/{name}/p")["Parameter"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert len(parameter["Value"]) == 4096


def test_a_template_with_too_many_outputs_is_refused(client: Client) -> None:
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {f"O{number}": {"Value": "x"} for number in range(201)},
    }

    with pytest.raises(ClientError, match="Number of outputs, 201"):
        client("cloudformation").create_stack(
            StackName=f"s-{uuid.uuid4()}", TemplateBody=json.dumps(template)
        )
