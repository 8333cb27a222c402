"""What the approval's functions work with: a table of moto's, and fakes of the other services.

moto's DynamoDB runs in a process of its own, since its state is one a process and the emulated
AWS of the functional tests has it. Every test has a table to itself.
"""

import io
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pocketaws.gate.rules import request_problems
from tests.unit.modules import load

function = load("approval")

REGION = "eu-west-1"
GROUP_ARN = f"arn:aws:sagemaker:{REGION}:123456789012:model-package-group/abalone-dev"
PACKAGE_ARN = f"arn:aws:sagemaker:{REGION}:123456789012:model-package/abalone-dev/12"
EXECUTION_ARN = f"arn:aws:states:{REGION}:123456789012:execution:abalone:run-7"
TOPIC_ARN = f"arn:aws:sns:{REGION}:123456789012:abalone"
PAGE_URL = "https://abcdefg.lambda-url.eu-west-1.on.aws/"
OF_CLASSES = ("auc", "logloss", "accuracy", "f1", "average_precision")
EVALUATION_URI = "s3://bucket/evaluation/run-7/"
REPORTS_URI = "s3://bucket/reports/"
LEFT_OUT = "84 of 4177 rows were left out (unknown sex: 84)"
TASK_TOKEN = "AQB8AAAAKgAAAAMAAAAAAAAAAsecret-task-token=="
USER_ARN = "arn:aws:iam::123456789012:user/ada"
NOW = 1_795_422_000  # 2026-11-23 08:20 UTC
EVENT = {
    "TaskToken": TASK_TOKEN,
    "ExecutionArn": EXECUTION_ARN,
    "ModelPackageArn": PACKAGE_ARN,
    "ModelName": "run-7-0a1b2c3d",
    "Reason": "mse 5.37 is at most max_mse 6.0",
    "ApprovalReason": "a person decides, as the policy 'required' says",
    "Numbers": ["Numbers, on 608 rows:", "  mse of the candidate   5.37"],
    "Compared": "Compared with run-6 (version 3 of /abalone/model-name)",
    "Preprocessing": {"ExitMessage": LEFT_OUT},
    "EvaluationUri": EVALUATION_URI,
    "TimeoutSeconds": 3600,
}
REPORT = {
    "label": "rings",
    "predicted_against_actual": [
        {"actual": 7.0, "predicted": 7.99},
        {"actual": 14.0, "predicted": 11.9},
        {"actual": 9.0, "predicted": 9.0},
    ],
    "residual_histogram": {"edges": [-2.0, 0.0, 2.0, 4.0], "counts": [1, 4, 2]},
    "feature_importance": {"shell_weight": 157.9, "sex_M": 11.6},
    "learning_curve": [{"rounds": 1, "mse": 8.69}, {"rounds": 50, "mse": 5.37}],
}


def classified(names: Sequence[str], rows: int = 10) -> dict[str, Any]:
    """Return an evaluation of classes, each told apart from the next one by half."""
    figures: dict[str, Any] = {
        name: {"value": 0.5, "standard_deviation": 0.07} for name in OF_CLASSES
    }
    figures["confusion_matrix"] = {
        name: {said: rows * (said == name) for said in names} for name in names
    }
    of_class = {"rows": rows, "precision": 0.75, "recall": 0.5, "f1": 0.6, "auc": 0.9}
    category = {"multiclass_classification_metrics": {"logloss": figures["logloss"]}, "rows": rows}
    return {
        "multiclass_classification_metrics": figures,
        "rows": rows * len(names),
        "per_class": dict.fromkeys(names, of_class),
        "by_site": {"north": category},
        "production": None,
    }


def metrics(mse: float, mae: float, r2: float) -> dict[str, Any]:
    values = {"mae": mae, "mse": mse, "rmse": mse**0.5, "r2": r2}
    return {
        "regression_metrics": {
            name: {"value": value, "standard_deviation": 0.07} for name, value in values.items()
        },
        "rows": 608,
    }


EVALUATION = {**metrics(5.37, 1.6, 0.49), "production": metrics(5.6, 1.5, 0.47)}
_SERVER = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
input()
"""


@contextmanager
def moto_server() -> Iterator[str]:
    """Give the URL of a moto server in a process that ends with this one's pipe."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout
        yield f"http://localhost:{server.stdout.readline().strip()}"


@contextmanager
def moto_dynamodb() -> Iterator[Any]:
    """Give a client of a DynamoDB of its own."""
    with moto_server() as url:
        client = boto3.client(
            "dynamodb",
            region_name=REGION,
            endpoint_url=url,
            aws_access_key_id="none",
            aws_secret_access_key="none",
        )
        yield client
        client.close()


def refusal(code: str, operation: str, text: str = "refused") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": text}}, operation)


def check(service: str, operation: str, request: dict[str, Any]) -> None:
    """Refuse what AWS would refuse."""
    assert request_problems(service, operation, request) == []


class FakeRegistry:
    """Model packages by ARN, as DescribeModelPackage gives them back."""

    exceptions = function.page.SAGEMAKER.exceptions

    def __init__(self) -> None:
        self.packages = {PACKAGE_ARN: package()}
        self.updates: list[dict[str, Any]] = []
        self.before_update: Callable[[], None] = lambda: None
        self.refusal: Exception | None = None

    def describe_model_package(self, **request: Any) -> dict[str, Any]:
        check("sagemaker", "DescribeModelPackage", request)
        if self.refusal:
            raise self.refusal
        name = request["ModelPackageName"]
        if name not in self.packages:
            text = f"ModelPackage {name} does not exist."
            raise refusal("ValidationException", "DescribeModelPackage", text)
        return self.packages[name]

    def update_model_package(self, **request: Any) -> None:
        check("sagemaker", "UpdateModelPackage", request)
        self.before_update()
        self.updates.append(request)
        self.packages[request["ModelPackageArn"]].update(
            {key: value for key, value in request.items() if key != "ModelPackageArn"}
        )

    def decide(self, status: str, **fields: Any) -> None:
        """Decide past the page, as somebody in the console does."""
        self.packages[PACKAGE_ARN].update(ModelApprovalStatus=status, **fields)


def package() -> dict[str, Any]:
    return {
        "ModelPackageGroupName": "abalone-dev",
        "ModelApprovalStatus": "PendingManualApproval",
        "LastModifiedBy": {"IamIdentity": {"Arn": USER_ARN}},
    }


class FakeStepFunctions:
    """Executions by their status, and a token that can be spent once."""

    exceptions = function.page.STEPFUNCTIONS.exceptions

    def __init__(self) -> None:
        self.status: dict[str, str] = {EXECUTION_ARN: "RUNNING"}
        self.waiting = {TASK_TOKEN}
        self.spent_error = "TaskTimedOut"
        self.sent: list[dict[str, Any]] = []

    def describe_execution(self, **request: Any) -> dict[str, str]:
        arn = request["executionArn"]
        if arn not in self.status:
            error = {"Error": {"Code": "ExecutionDoesNotExist", "Message": ""}}
            raise self.exceptions.ExecutionDoesNotExist(error, "DescribeExecution")
        return {"status": self.status[arn]}

    def send_task_success(self, **request: Any) -> None:
        self._send("SendTaskSuccess", request)

    def send_task_failure(self, **request: Any) -> None:
        self._send("SendTaskFailure", request)

    def _send(self, operation: str, request: dict[str, Any]) -> None:
        check("stepfunctions", operation, request)
        token = request.pop("taskToken")
        if token not in self.waiting:
            kind = getattr(self.exceptions, self.spent_error)
            raise kind({"Error": {"Code": self.spent_error, "Message": token}}, operation)
        self.waiting.remove(token)
        self.sent.append({"operation": operation, **request})


class FakeTopic:
    """A topic that keeps what was published, if SNS would take it."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.refusal: Exception | None = None

    def publish(self, **request: Any) -> dict[str, Any]:
        if self.refusal:
            raise self.refusal
        check("sns", "Publish", request)
        assert 0 < len(request["Subject"]) < 100
        assert request["Subject"].isascii()
        assert request["Subject"].isprintable()
        assert len(request["Message"].encode()) < 256 * 1024
        self.published.append(request)
        return {"MessageId": "message-1"}


class FakeBucket:
    """Objects by key."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.put("evaluation.json", EVALUATION)
        self.put("report.json", REPORT)

    def put(self, name: str, document: Any) -> None:
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.objects[f"evaluation/run-7/{name}"] = content

    def get_object(self, **request: str) -> dict[str, Any]:
        assert request["Bucket"] == "bucket"
        if request["Key"] not in self.objects:
            # What S3 says to a role that may not list the bucket.
            raise refusal("AccessDenied", "GetObject")
        return {"Body": io.BytesIO(self.objects[request["Key"]])}

    def generate_presigned_url(self, operation: str, **request: Any) -> str:
        """Sign as botocore does."""
        client = boto3.client(
            "s3",
            region_name=REGION,
            aws_access_key_id="made-up",
            aws_secret_access_key="made-up",
            endpoint_url=f"https://s3.{REGION}.amazonaws.com",
        )
        return str(client.generate_presigned_url(operation, **request))


@dataclass
class World:
    """One stack's approval, at a time that the test sets."""

    table: Any
    caplog: pytest.LogCaptureFixture
    now: int = NOW
    sagemaker: FakeRegistry = field(default_factory=FakeRegistry)
    stepfunctions: FakeStepFunctions = field(default_factory=FakeStepFunctions)
    sns: FakeTopic = field(default_factory=FakeTopic)
    s3: FakeBucket = field(default_factory=FakeBucket)
    responses: list[dict[str, Any]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    is_at_aws: bool = True

    def ask(self, *, page_url: str = PAGE_URL, **changes: Any) -> str:
        """Ask as the waiting state does, and return the query of the link in the message."""
        question = function.question.parse_question({**EVENT, **changes})
        self.stepfunctions.waiting.add(question.task_token)
        self.stepfunctions.status[question.execution.arn] = "RUNNING"
        done: str = function.ask.ask(
            question,
            places=function.ask.Places(TOPIC_ARN, page_url, REPORTS_URI),
            table=self.table,
            sagemaker=self.sagemaker,
            sns=self.sns,
            stepfunctions=self.stepfunctions,
            now=self.now,
        )
        function.ask.LOGGER.info(done)
        found = re.search(r"on\.aws/\?(\S+)", self.sns.published[-1]["Message"] if page_url else "")
        query = found[1] if found else ""
        self.queries.append(query)
        return query

    def visit(self, query: str, method: str = "GET", **fields: Any) -> dict[str, Any]:
        """Open the page and return Lambda's response; `fields` are the event's."""
        event = {
            "version": "2.0",
            "rawPath": "/",
            "rawQueryString": query,
            "headers": {"content-type": fields.pop("content_type", "")},
            "requestContext": {"http": {"method": method}},
            "isBase64Encoded": False,
            **fields,
        }
        services = function.visit.Services(
            table=self.table,
            model_package_group_arn=GROUP_ARN,
            sagemaker=self.sagemaker,
            stepfunctions=self.stepfunctions,
            s3=self.s3,
            is_at_aws=self.is_at_aws,
        )
        request = function.request.parse_request(event)
        response: dict[str, Any] = function.page.respond(request, services=services, now=self.now)
        self.responses.append(response)
        return response

    def post(self, query: str, body: str, **fields: Any) -> dict[str, Any]:
        """Send the form."""
        content_type = fields.pop("content_type", "application/x-www-form-urlencoded")
        return self.visit(query, "POST", body=body, content_type=content_type, **fields)

    def raise_event(self, arn: Any = PACKAGE_ARN, group_name: str = "abalone-dev") -> str:
        """Send EventBridge's event, which says that something has changed, and return the log."""
        done: str = function.resume.resume(
            {"detail": {"ModelPackageArn": arn, "ModelPackageGroupName": group_name}},
            group_name="abalone-dev",
            table=self.table,
            sagemaker=self.sagemaker,
            stepfunctions=self.stepfunctions,
            now=self.now,
        )
        function.resume.LOGGER.info(done)
        return done

    def item(self) -> dict[str, Any]:
        """Return the stored item, each attribute as its text."""
        found = self.table.dynamodb.get_item(
            TableName=self.table.name, Key={"model_package_arn": {"S": PACKAGE_ARN}}
        )
        return {name: next(iter(value.values())) for name, value in found.get("Item", {}).items()}

    def check_secrets(self) -> None:
        """Fail where the task token went anywhere, or a link's key to a page or a log line."""
        logged, shown = self.caplog.text, json.dumps(self.responses)
        told = json.dumps(self.sns.published)
        keys = [query.rpartition("key=")[2] for query in self.queries if query]
        for place in (logged, shown, told):
            assert TASK_TOKEN not in place
        for key in keys:
            assert key not in logged
            assert key not in shown


@contextmanager
def world(dynamodb: Any, caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    """Give a world with an empty table; at its end no secret must have left it."""
    caplog.set_level("INFO")
    name = f"approvals-{uuid.uuid4()}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "model_package_arn", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "model_package_arn", "AttributeType": "S"}],
    )
    caplog.clear()
    created = World(function.store.Table(name, dynamodb), caplog)
    yield created
    created.check_secrets()
