"""The three handlers with the environment that the stack gives them, against moto's services."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from tests.unit.approval_world import EVALUATION, EVENT, REGION, REPORT, moto_server
from tests.unit.modules import load

pytestmark = pytest.mark.slow

GROUP_NAME = "abalone-dev"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(scope="module")
def function(url: str) -> SimpleNamespace:
    return load("approval", AWS_ENDPOINT_URL=url, AWS_DEFAULT_REGION=REGION)


@pytest.fixture(scope="module")
def sqs(url: str) -> Iterator[Any]:
    client = boto3.client(
        "sqs",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )
    yield client
    client.close()


@pytest.fixture
def topic_arn(function: SimpleNamespace) -> str:
    return str(function.ask.SNS.create_topic(Name="abalone")["TopicArn"])


@pytest.fixture
def queue_url(function: SimpleNamespace, topic_arn: str, sqs: Any) -> str:
    """A queue that gets what the topic gets."""
    queue_url = str(sqs.create_queue(QueueName="told")["QueueUrl"])
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    function.ask.SNS.subscribe(
        TopicArn=topic_arn, Protocol="sqs", Endpoint=attributes["Attributes"]["QueueArn"]
    )
    return queue_url


@pytest.fixture
def event(
    function: SimpleNamespace, topic_arn: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What the waiting state passes on; the handlers' environment is set."""
    sagemaker, stepfunctions = function.page.SAGEMAKER, function.page.STEPFUNCTIONS
    group_arn = sagemaker.create_model_package_group(ModelPackageGroupName=GROUP_NAME)
    package = sagemaker.create_model_package(
        ModelPackageGroupName=GROUP_NAME, ModelApprovalStatus="PendingManualApproval"
    )
    function.page.DYNAMODB.create_table(
        TableName="approvals",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "model_package_arn", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "model_package_arn", "AttributeType": "S"}],
    )
    machine = stepfunctions.create_state_machine(
        name="abalone",
        definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
        roleArn="arn:aws:iam::123456789012:role/states",
    )
    execution = stepfunctions.start_execution(stateMachineArn=machine["stateMachineArn"])
    _put_evaluation(function.page.S3)
    variables = {
        "APPROVAL_TABLE_NAME": "approvals",
        "APPROVAL_PAGE_URL": "https://page/",
        "MODEL_PACKAGE_GROUP_NAME": GROUP_NAME,
        "MODEL_PACKAGE_GROUP_ARN": group_arn["ModelPackageGroupArn"],
        "TOPIC_ARN": topic_arn,
        "REPORTS_URI": "s3://bucket/reports/",
        # Where there is none, the question is asked all the same.
        "WRITE_REPORT_FUNCTION_NAME": "none",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return {
        **EVENT,
        "ModelPackageArn": package["ModelPackageArn"],
        "ExecutionArn": execution["executionArn"],
    }


def _put_evaluation(s3: Any) -> None:
    s3.create_bucket(
        Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    for name, document in {"evaluation.json": EVALUATION, "report.json": REPORT}.items():
        s3.put_object(Bucket="bucket", Key=f"evaluation/run-7/{name}", Body=json.dumps(document))


def test_ask_look_decide_and_resume(
    function: SimpleNamespace, event: dict[str, Any], queue_url: str, sqs: Any
) -> None:
    function.ask.lambda_handler(event, None)
    query = _message(queue_url, sqs).partition("https://page/?")[2].split()[0]
    page = _visit(function, query, "GET")
    decided = _visit(function, query, "POST", "decision=reject&comment=no")
    again = _visit(function, query, "GET")

    assert (page["statusCode"], decided["statusCode"], again["statusCode"]) == (200, 200, 410)
    assert page["body"].count("<svg") == 3
    described = function.page.SAGEMAKER.describe_model_package(
        ModelPackageName=event["ModelPackageArn"]
    )
    assert described["ModelApprovalStatus"] == "Rejected"
    assert described["ApprovalDescription"] == "through the approval page: no"
    detail = {
        "ModelPackageArn": event["ModelPackageArn"],
        "ModelPackageGroupName": GROUP_NAME,
        "ModelApprovalStatus": "Rejected",
    }
    function.resume.lambda_handler({"detail": detail}, None)
    item = _item(function, event["ModelPackageArn"])
    assert item["decision"] == {"S": "Rejected"}
    assert "task_token" not in item


def _visit(function: SimpleNamespace, query: str, method: str, body: str = "") -> Any:
    event = {
        "rawQueryString": query,
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "requestContext": {"http": {"method": method}},
        "body": body,
    }
    return function.page.lambda_handler(event, None)


def _item(function: SimpleNamespace, arn: str) -> Any:
    key = {"model_package_arn": {"S": arn}}
    return function.page.DYNAMODB.get_item(TableName="approvals", Key=key)["Item"]


def _message(queue_url: str, sqs: Any) -> str:
    """Return the text of the one message that the topic sent on."""
    (received,) = sqs.receive_message(QueueUrl=queue_url)["Messages"]
    return str(json.loads(received["Body"])["Message"])
