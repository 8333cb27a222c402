"""The function that writes an execution's report into the bucket, as Lambda imports it."""

import datetime
import json
import socket
import subprocess
import sys
from typing import Any

import boto3
import pytest

from pocketaws.gate.rules import request_problems
from tests.unit.execution_history import ARN, START, History, documents
from tests.unit.modules import FUNCTIONS_DIR, load
from tests.unit.test_report_record import sources
from workflow.report.build import record_of
from workflow.report.record import from_json

function = load("write_report")
TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:abalone"
NOW = START + datetime.timedelta(seconds=90)
# What is imported of the bundle and of what Lambda has; the path is the bundle's alone.
IMPORTED = """
import sys
sys.path.insert(0, sys.argv[1])
import app
names = [name for name in sys.modules if name.partition(".")[0] in ("workflow", "pocketaws")]
outside = [name for name in names if not (sys.modules[name].__file__ or "").startswith(sys.argv[1])]
print(len(names), outside, "fast_sugiyama" in sys.modules)
"""


class FakeStepFunctions:
    """One execution, as Step Functions describes it."""

    def __init__(self, status: str) -> None:
        history = History()
        history.enter("Train model", {})
        self.documents = documents(history, status=status)

    def describe_execution(self, **_: str) -> Any:
        return self.documents.described

    def describe_state_machine_for_execution(self, **_: str) -> Any:
        return {"definition": json.dumps(self.documents.definition)}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: Any) -> Any:
        return [{"events": self.documents.events}]


class FakeBucket:
    """Keeps what is put; there is nothing to read."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}

    def put_object(self, **request: Any) -> None:
        self.objects[f"{request['Bucket']}/{request['Key']}"] = request


def write(event: Any, status: str) -> FakeBucket:
    bucket = FakeBucket()
    clients = {"stepfunctions": FakeStepFunctions(status), "s3": bucket, "logs": None}
    function.app.write(
        event, reports_uri="s3://bucket/reports/", clients=clients.__getitem__, now=NOW
    )
    return bucket


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"])
def test_the_record_and_the_page_of_an_execution_that_ended_are_put_by_its_name(
    status: str,
) -> None:
    bucket = write({"detail": {"executionArn": ARN, "status": status}}, status)

    assert list(bucket.objects) == [
        "bucket/reports/run-1/run.json",
        "bucket/reports/run-1/report.html",
    ]
    record, page = bucket.objects.values()
    assert from_json(json.loads(record["Body"])).summary.status == status
    assert page["Body"].startswith(b"<!doctype html>")
    assert page["ContentType"] == "text/html; charset=utf-8"


def test_an_execution_that_waits_has_a_report_too() -> None:
    bucket = write({"ExecutionArn": ARN}, "RUNNING")

    record = from_json(json.loads(bucket.objects["bucket/reports/run-1/run.json"]["Body"]))
    assert (record.verdict.kind, record.summary.seconds) == ("running", 90.0)


def test_an_end_that_step_functions_does_not_describe_yet_is_tried_again() -> None:
    with pytest.raises(function.app.StaleExecution, match="described as running still"):
        write({"detail": {"executionArn": ARN, "status": "SUCCEEDED"}}, "RUNNING")


class FakeTopic:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, **request: Any) -> None:
        assert not request_problems("sns", "Publish", request)
        self.published.append(request)


def test_a_server_that_is_down_is_told_and_stops_nothing() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        history = History()
        record = record_of(documents(history), sources(), now=NOW)

        told = function.app.tell(record, function.app.TrackingServer(uri, None), sources())

    topic = FakeTopic()
    function.app.publish(record, told, topic_arn=TOPIC_ARN, sns=topic)
    (message,) = topic.published
    assert f"{uri} cannot be reached" in message["Message"]
    assert "released or not as its own message says" in message["Message"]


@pytest.mark.slow
def test_the_bundle_needs_nothing_that_lambda_does_not_have() -> None:
    bundle = FUNCTIONS_DIR / "write_report"
    assert boto3.__version__  # Which Lambda has.

    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, str(bundle)],
        env={"AWS_DEFAULT_REGION": "eu-west-1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    count, outside, draws = done.stdout.replace("[]", "none").split()
    assert int(count) > 20
    assert (outside, draws) == ("none", "False")
