"""Custom resources from their creation to the deletion of their stack, which asks them, too."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.errors import DeploymentError
from pocketaws.runtime import LocalRuntime
from tests.conftest import PROJECT_DIR
from tests.pages import read_all

# Keeps every request, and answers FAILED to those that the property Refuses names.
HANDLER = """
import json
import urllib.request

import boto3


def lambda_handler(event, context):
    kind, properties = event["RequestType"], event["ResourceProperties"]
    boto3.client("s3").put_object(
        Bucket=properties["Keeps"], Key=kind, Body=json.dumps(event).encode()
    )
    body = {
        "Status": "FAILED" if properties.get("Refuses") == kind else "SUCCESS",
        "Reason": f"no {kind} today",
        "PhysicalResourceId": "the-asked",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    body["Data"] = {"Padding": ""}
    padding = int(properties["AnswerBytes"]) - len(json.dumps(body))
    body["Data"]["Padding"] = "x" * padding
    request = urllib.request.Request(
        event["ResponseURL"],
        data=json.dumps(body).encode(),
        method="PUT",
        headers={"Content-Type": ""},
    )
    urllib.request.urlopen(request, timeout=5).close()
"""
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Keeps: {Type: String}
  Refuses: {Type: String, Default: nothing}
  AnswerBytes: {Type: String, Default: '0'}
Conditions:
  Never: !Equals [a, b]
Resources:
  Asker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: asker
      Handler: app.lambda_handler
      Runtime: python3.13
      Policies: [{S3WritePolicy: {BucketName: !Ref Keeps}}]
  Asked:
    Type: Custom::Asked
    Properties:
      ServiceToken: !GetAtt Asker.Arn
      Keeps: !Ref Keeps
      Refuses: !Ref Refuses
      AnswerBytes: !Ref AnswerBytes
      Names: [first, !If [Never, second, !Ref AWS::NoValue], !Ref AWS::NoValue, last]
      Nested: [{kept: [!Ref AWS::NoValue], gone: !Ref AWS::NoValue}]
  Topic:
    Type: AWS::SNS::Topic
    DependsOn: Asked
Outputs:
  Topic:
    Value: !Ref Asker
    Export: {Name: !Ref Keeps}
"""


@dataclass(frozen=True)
class Asking:
    """A stack with a custom resource, and the bucket of the requests that its function got."""

    runtime: LocalRuntime
    template_path: Path
    name: str

    def deploy(self, **parameters: str) -> None:
        self.runtime.deploy(
            self.template_path, stack_name=self.name, parameters={"Keeps": self.name, **parameters}
        )

    def delete(self, **more: Any) -> None:
        self.runtime.client("cloudformation").delete_stack(StackName=self.name, **more)

    def request(self, kind: str) -> dict[str, Any]:
        answer = self.runtime.client("s3").get_object(Bucket=self.name, Key=kind)
        return dict(json.loads(answer["Body"].read()))

    def described(self) -> dict[str, Any]:
        cloudformation = self.runtime.client("cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        return dict(stack)

    def events(self, stack_id: str) -> list[str]:
        listed = read_all(
            self.runtime.client("cloudformation"), "describe_stack_events", StackName=stack_id
        )
        return [
            f"{event['LogicalResourceId']} {event['ResourceStatus']}"
            for event in reversed(listed["StackEvents"])
        ]


@pytest.fixture
def asking(runtime: LocalRuntime, tmp_path: Path) -> Iterator[Asking]:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    (tmp_path / "asker").mkdir()
    (tmp_path / "asker" / "app.py").write_text(HANDLER)
    stack = Asking(runtime, path, f"asking-{uuid.uuid4().hex[:8]}")
    runtime.client("s3").create_bucket(Bucket=stack.name)
    yield stack
    stack.delete()


def test_deleting_a_stack_asks_its_custom_resource_before_its_function_goes(
    runtime: LocalRuntime, asking: Asking
) -> None:
    asking.deploy()
    stack_id = asking.described()["StackId"]

    asking.delete()

    request = asking.request("Delete")
    assert request["PhysicalResourceId"] == "the-asked"
    assert request["StackId"] == stack_id
    assert request["ResourceProperties"]["Names"] == ["first", "last"]
    deletion = [event for event in asking.events(stack_id) if "DELETE_COMPLETE" in event]
    assert deletion[:3] == [f"{name} DELETE_COMPLETE" for name in ("Topic", "Asked", "Asker")]
    assert deletion[-1] == f"{asking.name} DELETE_COMPLETE"
    with pytest.raises(ClientError, match="does not exist"):
        asking.described()
    exports = read_all(runtime.client("cloudformation"), "list_exports")["Exports"]
    assert asking.name not in [export["Name"] for export in exports]


def test_a_deletion_that_is_refused_leaves_the_stack_with_its_reason(asking: Asking) -> None:
    asking.deploy(Refuses="Delete")

    asking.delete()

    stack = asking.described()
    assert stack["StackStatus"] == "DELETE_FAILED"
    told = "The following resource(s) failed to delete: [Asked]."
    assert stack["StackStatusReason"] == told
    assert "Asked DELETE_FAILED" in asking.events(asking.name)
    with pytest.raises(DeploymentError, match="is in DELETE_FAILED state"):
        asking.deploy()

    asking.delete(RetainResources=["Asked"])

    with pytest.raises(ClientError, match="does not exist"):
        asking.described()


def test_only_a_deletion_that_has_failed_retains(asking: Asking) -> None:
    asking.deploy()

    with pytest.raises(ClientError, match=r"\['Asked'\].*CREATE_COMPLETE; .*DELETE_FAILED"):
        asking.delete(RetainResources=["Asked"])


def test_a_creation_that_fails_is_told_once_by_what_failed(asking: Asking) -> None:
    with pytest.raises(DeploymentError) as refused:
        asking.deploy(Refuses="Create")

    told = "Asked: Received response status [FAILED] from custom resource. "
    assert f"was not created: {told}Message returned: no Create today" in str(refused.value)


def test_an_answer_is_taken_at_cloudformations_limit(asking: Asking) -> None:
    asking.deploy(AnswerBytes="4096")

    assert asking.described()["StackStatus"] == "CREATE_COMPLETE"


def test_an_answer_past_cloudformations_limit_fails_the_stack(asking: Asking) -> None:
    with pytest.raises(DeploymentError, match=r"Asked: Response object is too long\."):
        asking.deploy(AnswerBytes="4097")


def test_no_value_is_left_out_of_lists_and_maps(asking: Asking) -> None:
    asking.deploy()

    properties = asking.request("Create")["ResourceProperties"]
    assert properties["Names"] == ["first", "last"]
    assert properties["Nested"] == [{"kept": []}]


def test_the_job_scripts_go_with_their_stack(runtime: LocalRuntime) -> None:
    stack = runtime.deploy(PROJECT_DIR / "template.yaml", stack_name="abalone-gone")
    bucket_name, s3 = stack.outputs["BucketName"], runtime.client("s3")
    published = read_all(s3, "list_objects_v2", Bucket=bucket_name, Prefix="jobs/")

    runtime.client("cloudformation").delete_stack(StackName="abalone-gone")

    assert published["Contents"]
    # The bucket is retained, as its policy says.
    assert "Contents" not in read_all(s3, "list_objects_v2", Bucket=bucket_name, Prefix="jobs/")
    with pytest.raises(ClientError, match="does not exist"):
        runtime.client("cloudformation").describe_stacks(StackName="abalone-gone")
