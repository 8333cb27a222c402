"""Each resource of the three templates is changed once, and the stack ends as CloudFormation says.

What a change replaces is what the registry's schema of the type says (createOnlyProperties).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from pocketaws.cloudformation.deploy import Stack
from pocketaws.cloudformation.resource_schemas import schema_of
from pocketaws.runtime import LocalRuntime
from tests.conftest import PROJECT_DIR
from tests.functional.endpoint_stack import FIRST, EndpointStack

TAGS = [{"Key": "team", "Value": "blue"}]
STATEMENT = {"Sid": "More", "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
DASHBOARD = {"widgets": [{"type": "text", "properties": {"markdown": "another"}}]}
# One property of each type, and what it becomes.
CHANGES: dict[str, tuple[str, Any]] = {
    "AWS::CloudWatch::Alarm": ("AlarmDescription", "another"),
    "AWS::CloudWatch::Dashboard": ("DashboardBody", json.dumps(DASHBOARD)),
    "AWS::DynamoDB::Table": ("DeletionProtectionEnabled", False),
    "AWS::Events::Rule": ("Description", "another"),
    "AWS::IAM::ManagedPolicy": ("PolicyDocument", [STATEMENT]),
    "AWS::IAM::Role": ("Description", "another"),
    "AWS::IAM::RolePolicy": ("PolicyDocument", [STATEMENT]),
    "AWS::KMS::Key": ("Description", "another"),
    "AWS::Lambda::Alias": ("Description", "another"),
    "AWS::Lambda::Function": ("Description", "another"),
    "AWS::Lambda::Permission": ("SourceAccount", "210987654321"),
    "AWS::Lambda::Url": ("Cors", {"AllowOrigins": ["https://shop.example"]}),
    "AWS::Lambda::Version": ("Description", "another"),
    "AWS::Logs::LogGroup": ("RetentionInDays", 3),
    "AWS::S3::Bucket": ("Tags", TAGS),
    "AWS::SNS::Topic": ("DisplayName", "another"),
    "AWS::SQS::Queue": ("DelaySeconds", 7),
    "AWS::SSM::Parameter": ("Description", "another"),
    "AWS::SageMaker::Endpoint": ("Tags", TAGS),
    "AWS::SageMaker::EndpointConfig": ("Tags", TAGS),
    "AWS::SageMaker::ModelPackageGroup": ("Tags", TAGS),
    "AWS::Scheduler::Schedule": ("Description", "another"),
    "AWS::StepFunctions::StateMachine": ("TracingConfiguration", {"Enabled": False}),
}
NOT_CREATED = ("BuildProject", "Pipeline", "TestReports")
SUBSTITUTED = re.compile(rf"\$\{{({'|'.join(NOT_CREATED)})(\.\w+)?\}}")
PIPELINE = {
    "SourceProvider": "S3",
    "SourceBucketName": "sources-of-updates",
    "NotificationEmail": "someone@example.com",
}


class Updated:
    """A stack, and how it is updated."""

    def __init__(self, runtime: LocalRuntime, name: str) -> None:
        self._cloudformation = runtime.client("cloudformation")
        self._name = name
        body = self._cloudformation.get_template(StackName=name)["TemplateBody"]
        self.template: dict[str, Any] = json.loads(json.dumps(body))

    def physical_ids(self) -> dict[str, str]:
        listed = self._cloudformation.describe_stack_resources(StackName=self._name)
        return {
            item["LogicalResourceId"]: item["PhysicalResourceId"]
            for item in listed["StackResources"]
            if item.get("PhysicalResourceId")
        }

    def change(self, resource_type: str) -> str:
        """Change all resources of a type, and return how the stack ends."""
        for resource in self.template["Resources"].values():
            if resource["Type"] == resource_type:
                name, value = changed_property(resource)
                resource.setdefault("Properties", {})[name] = value
        described = self._described()
        self._cloudformation.update_stack(
            StackName=self._name,
            TemplateBody=json.dumps(self.template),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": item["ParameterKey"], "UsePreviousValue": True}
                for item in described.get("Parameters", [])
            ],
        )
        described = self._described()
        return f"{described['StackStatus']} {described.get('StackStatusReason', '')}".strip()

    def _described(self) -> dict[str, Any]:
        return dict(self._cloudformation.describe_stacks(StackName=self._name)["Stacks"][0])


def changed_property(resource: dict[str, Any]) -> tuple[str, Any]:
    resource_type = resource["Type"]
    if resource_type.startswith("Custom::"):
        return "Again", "yes"
    name, value = CHANGES[resource_type]
    if name == "PolicyDocument":
        document = resource["Properties"][name]
        return name, {**document, "Statement": [*document["Statement"], *value]}
    if name == "Tags":
        return name, [*resource.get("Properties", {}).get("Tags", []), *value]
    return name, value


def replaced_by(resource: dict[str, Any]) -> bool:
    schema = schema_of(resource["Type"])
    return schema is not None and changed_property(resource)[0] in schema.create_only


@pytest.fixture(scope="module")
def workflow_stack(runtime: LocalRuntime) -> Iterator[Stack]:
    stack = runtime.deploy(PROJECT_DIR / "template.yaml", stack_name="updates-of-workflow")
    yield stack
    runtime.client("cloudformation").delete_stack(StackName=stack.name)


@pytest.fixture(scope="module")
def endpoint_stack(runtime: LocalRuntime) -> Iterator[Stack]:
    made = EndpointStack(runtime)
    made.record(FIRST)
    yield made.deploy()
    made.delete()


@pytest.fixture(scope="module")
def pipeline_stack(
    runtime: LocalRuntime, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    template = yaml_parse((PROJECT_DIR / "pipeline.yaml").read_text(encoding="utf-8"))
    path = tmp_path_factory.mktemp("pipeline") / "pipeline.yaml"
    path.write_text(json.dumps(named_by_texts(template), default=str))
    stack = runtime.deploy(path, stack_name="updates-of-pipeline", parameters=PIPELINE)
    yield stack
    runtime.client("cloudformation").delete_stack(StackName=stack.name)


def named_by_texts(value: Any) -> Any:
    """Put a text for whatever is asked of a resource that the emulator does not create."""
    if isinstance(value, list):
        return [named_by_texts(item) for item in value]
    if isinstance(value, str):
        return SUBSTITUTED.sub(r"\1", value)
    if not isinstance(value, dict):
        return value
    asked = value.get("Fn::GetAtt") or [value.get("Ref")]
    if len(value) == 1 and asked[0] in NOT_CREATED:
        return f"arn:aws:none:us-east-1:123456789012:{asked[0]}"
    return {key: named_by_texts(item) for key, item in value.items()}


@pytest.mark.parametrize("fixture", ["workflow_stack", "endpoint_stack", "pipeline_stack"])
def test_each_resource_of_a_template_is_updated_as_its_schema_says(
    runtime: LocalRuntime, request: pytest.FixtureRequest, fixture: str
) -> None:
    stack: Stack = request.getfixturevalue(fixture)
    updated = Updated(runtime, stack.name)
    resources = updated.template["Resources"]
    before = updated.physical_ids()
    expected = {name for name in before if replaced_by(resources[name])}

    ends = {
        kind: updated.change(kind) for kind in sorted({resources[name]["Type"] for name in before})
    }

    after = updated.physical_ids()
    assert ends == dict.fromkeys(ends, "UPDATE_COMPLETE")
    assert {name for name in before if before[name] != after[name]} == expected
