"""Write the record of an execution, run.json, and the page that shows it, report.html.

Both are made by `workflow/report` (`workflow/` is made of links to the repository's), which needs
the standard library and boto3 alone, from what Step Functions keeps and from the jobs' files. They
are made outside of the execution, which so costs no state more and cannot fail for its report.
"""

import datetime
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from workflow.account.executions import documents_of
from workflow.report.build import record_of
from workflow.report.page import page_of
from workflow.report.record import Record, as_text
from workflow.report.sources import Sources, sources_in
from workflow.report.tracked import track
from workflow.report.tracking_server import TrackingError, TrackingServer

SNS = boto3.client("sns")
STEPFUNCTIONS = boto3.client("stepfunctions")
S3 = boto3.client("s3")
LOGS = boto3.client("logs")
LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)
_RUNNING: Final = "RUNNING"
# https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_SUBJECT_MAXIMUM: Final = 99


class StaleExecution(Exception):  # noqa: N818 - the word for it
    """Step Functions describes an execution as running still whose end was told."""


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """Write both files of an execution under REPORTS_URI, in a folder of its name.

    An execution that has ended is logged to the MLflow server that MLFLOW_TRACKING_URI names, if it
    names one; where that fails, TOPIC_ARN is told.

    Args:
        event: EventBridge's "Step Functions Execution Status Change", or `ExecutionArn` of an
            execution that waits for a person, from functions/approval.
        context: not used.

    Raises:
        StaleExecution: see there; Lambda tries again.
        botocore.exceptions.ClientError: a service refused; Lambda tries again.
    """
    clients = {"stepfunctions": STEPFUNCTIONS, "s3": S3, "logs": LOGS}
    record = write(
        event,
        reports_uri=os.environ["REPORTS_URI"],
        clients=clients.__getitem__,
        now=datetime.datetime.now(datetime.UTC),
    )
    LOGGER.info("%s: written", record.summary.arn)
    tracking_uri = os.environ["MLFLOW_TRACKING_URI"]
    if tracking_uri and record.summary.status != _RUNNING:
        server = TrackingServer(tracking_uri, boto3.Session())
        told = tell(record, server, sources_in(clients.__getitem__))
        LOGGER.info("%s: %s", record.summary.arn, told or "logged to MLflow")
        if told:
            publish(record, told, topic_arn=os.environ["TOPIC_ARN"], sns=SNS)


def write(
    event: Mapping[str, Any],
    *,
    reports_uri: str,
    clients: Callable[[str], Any],
    now: datetime.datetime,
) -> Record:
    """Write the files as the handler does, and return the record."""
    ended = event.get("detail", {}).get("executionArn")
    documents = documents_of(ended or event["ExecutionArn"], stepfunctions=clients("stepfunctions"))
    if ended and documents.described["status"] == _RUNNING:
        raise StaleExecution(f"{ended} has ended, and is described as running still")
    record = record_of(documents, sources_in(clients), now=now)
    folder = f"{reports_uri}{record.summary.name}"
    _put(f"{folder}/run.json", as_text(record), "application/json", s3=clients("s3"))
    _put(f"{folder}/report.html", page_of(record), "text/html", s3=clients("s3"))
    return record


def tell(record: Record, server: TrackingServer, sources: Sources) -> str | None:
    """Log an execution to MLflow; return what went wrong, if so."""
    try:
        return track(record, server, sources).without_files
    except (TrackingError, BotoCoreError, ClientError) as error:
        return str(error)


def publish(record: Record, message: str, *, topic_arn: str, sns: Any) -> None:
    """Tell the topic that MLflow lacks an execution, or its files."""
    name = record.summary.name
    machine = record.summary.state_machine_arn.rpartition(":")[2]
    text = (
        f"The execution {name} of {machine} is not, or not whole, in MLflow:\n{message}\n\n"
        "It is released or not as its own message says, and its report is written."
    )
    sns.publish(
        TopicArn=topic_arn,
        Subject=f"Not in MLflow: {machine}"[:_SUBJECT_MAXIMUM],
        Message="".join(char if char.isprintable() or char == "\n" else " " for char in text),
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "failed"}},
    )


def _put(uri: str, text: str, content_type: str, *, s3: Any) -> None:
    bucket_name, _, key = uri.removeprefix("s3://").partition("/")
    s3.put_object(
        Bucket=bucket_name,
        Key=key,
        Body=text.encode(),
        ContentType=f"{content_type}; charset=utf-8",
        CacheControl="no-cache",
    )
