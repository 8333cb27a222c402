"""The roles' statements, held against AWS's Service Authorization Reference, as cfn-lint holds it.

Nothing is deployed: a reference to a resource stands for an ARN of its kind.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import pytest

from tests.conftest import PROJECT_DIR
from tests.functional.permissions.declared import (
    ENDPOINT,
    PIPELINE,
    WORKFLOW,
    Declared,
    declared_statements,
)
from tests.functional.permissions.report import TRUST
from tests.unit.service_reference import pattern, reference
from workflow.template import read_template

REFERENCE: Final = reference()
STATEMENTS: Final = declared_statements(WORKFLOW, ENDPOINT, PIPELINE)
OF_POLICIES: Final = [statement for statement in STATEMENTS if statement.sid != TRUST]
# What a Ref or a GetAtt of an ARN gives, by the resource's type.
ARNS: Final[Mapping[str, str]] = {
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:any",
    "AWS::CodeBuild::ReportGroup": "arn:aws:codebuild:us-east-1:123456789012:report-group/any",
    "AWS::CodeBuild::Project": "arn:aws:codebuild:us-east-1:123456789012:project/any",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:us-east-1:123456789012:table/any",
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/any",
    "AWS::KMS::Key": "arn:aws:kms:us-east-1:123456789012:key/any",
    "AWS::Logs::LogGroup": "arn:aws:logs:us-east-1:123456789012:log-group:any:*",
    "AWS::S3::Bucket": "arn:aws:s3:::any",
    "AWS::SNS::Topic": "arn:aws:sns:us-east-1:123456789012:any",
    "AWS::SQS::Queue": "arn:aws:sqs:us-east-1:123456789012:any",
    "AWS::SageMaker::ModelPackageGroup": (
        "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/any"
    ),
    "AWS::Serverless::Function": "arn:aws:lambda:us-east-1:123456789012:function:any",
    "AWS::Serverless::StateMachine": "arn:aws:states:us-east-1:123456789012:stateMachine:any",
}
# Parameters that are ARNs or accounts, and AWS's own.
PARAMETERS: Final[Mapping[str, str]] = {
    "AccountId": "123456789012",
    "ConnectionArn": "arn:aws:codeconnections:us-east-1:123456789012:connection/any",
    "KmsKeyArn": ARNS["AWS::KMS::Key"],
    "MlflowTrackingUri": "arn:aws:sagemaker:us-east-1:123456789012:mlflow-tracking-server/any",
    "StateMachineArn": ARNS["AWS::Serverless::StateMachine"],
    "TopicArn": ARNS["AWS::SNS::Topic"],
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/any/any",
    "DeploymentRoleArn": "arn:aws:iam::123456789012:role/deployment",
    "WorkloadRoleArn": "arn:aws:iam::123456789012:role/workload",
}
ANY: Final = "any"
# What the reference does not say, by action.
BEYOND: Final = {
    # https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-permissions-cloudformation.html
    "cloudformation:CreateChangeSet": "arn:aws:cloudformation:us-east-1:aws:transform/.*",
    # The connection's ARN may have the service's old or new name, which the reference keeps apart.
    "codestar-connections:UseConnection": "arn:aws:code.*:us-east-1:123456789012:connection/.*",
}


@cache
def resource_types(template: str) -> dict[str, str]:
    resources = read_template(PROJECT_DIR / template)["Resources"]
    return {name: resource["Type"] for name, resource in resources.items()}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resources_of(statement: Declared) -> list[str]:
    # A policy of endpoint.yaml is a role's of template.yaml.
    templates = dict.fromkeys([statement.template, WORKFLOW, ENDPOINT, PIPELINE])
    types = {
        name: kind
        for template in reversed(list(templates))
        for name, kind in resource_types(template).items()
    }
    texts = [
        text for item in listed(statement.body["Resource"]) for text in possible_texts(item, types)
    ]
    # The same parameter names servers of both kinds, and a condition tells which it is.
    of_an_app = statement.body.get("Sid") == "LogToAnMlflowApp"
    return [text.replace("tracking-server", "app") for text in texts] if of_an_app else texts


def possible_texts(value: Any, types: Mapping[str, str]) -> Iterator[str]:
    """Yield what a value may be, whatever the conditions say."""
    if isinstance(value, str):
        yield value
    elif "Fn::If" in value:
        for alternative in value["Fn::If"][1:]:
            yield from possible_texts(alternative, types)
    elif "Fn::Sub" in value:
        text = value["Fn::Sub"] if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"][0]
        yield re.sub(r"\$\{([^}]+)\}", lambda match: referenced(match[1], types), text)
    elif value != {"Ref": "AWS::NoValue"}:
        name = value["Ref"] if "Ref" in value else ".".join(value.get("Fn::GetAtt", [ANY]))
        yield referenced(name, types)


def referenced(name: str, types: Mapping[str, str]) -> str:
    logical_id, _, attribute = name.partition(".")
    kind = types.get(logical_id, "")
    if attribute in ("", "Arn") and kind in ARNS:
        is_name = attribute == "" and kind in ("AWS::S3::Bucket", "AWS::DynamoDB::Table")
        return ANY if is_name else ARNS[kind]
    return PARAMETERS.get(name, ANY)


def formats_of(action: str) -> list[str]:
    """Return the patterns of the ARNs that an action knows; none where it knows no resource."""
    service, _, name = action.partition(":")
    known = REFERENCE[service]
    kinds = {kind.lower(): resource for kind, resource in known["Resources"].items()}
    types = known["Actions"][name.lower()].get("Resources", [])
    formats = [item for kind in types for item in kinds[kind.lower()]["ARNFormats"]]
    return [*map(pattern, formats), *([BEYOND[action]] if action in BEYOND else [])]


def fits(resource: str, action: str) -> bool:
    return any(re.fullmatch(arn_format, resource) for arn_format in formats_of(action))


def name_of(statement: Declared) -> str:
    return "-".join(statement.key)


@pytest.mark.parametrize("statement", OF_POLICIES, ids=name_of)
def test_every_action_exists_and_stands_on_a_resource_that_it_knows(statement: Declared) -> None:
    actions, resources = listed(statement.body["Action"]), resources_of(statement)

    for action in actions:
        service, _, name = action.partition(":")
        assert name.lower() in REFERENCE[service]["Actions"], action
        knows = [text for text in resources if fits(text, action)]
        assert knows or resources == ["*"], f"{action} knows none of {resources}"
    for resource in resources:
        known = [action for action in actions if fits(resource, action)]
        assert known or resources == ["*"], f"none of {actions} knows {resource}"


@pytest.mark.parametrize("template", [WORKFLOW, ENDPOINT, PIPELINE])
def test_every_statement_of_a_role_has_a_name_of_its_own(template: str) -> None:
    keys = [statement.key for statement in STATEMENTS if statement.template == template]

    assert [key for key in keys if not key[2]] == []
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []


def test_what_does_not_fit_the_reference_is_noticed() -> None:
    assert "getobjekt" not in REFERENCE["s3"]["Actions"]
    assert fits("arn:aws:s3:::bucket/key", "s3:GetObject")
    assert not fits("arn:aws:sns:us-east-1:123456789012:topic", "s3:GetObject")
    assert formats_of("xray:PutTraceSegments") == []
