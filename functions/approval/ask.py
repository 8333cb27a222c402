"""Ask a person to approve a model, while the execution waits with its task token."""

import json
import logging
import os
import time
from dataclasses import dataclass
from typing import Any

import boto3
import registry
import store
from botocore.exceptions import BotoCoreError, ClientError
from link import Link, new_key, sha256_of, url_of, version_of
from message import KIND, Message, compose
from question import Question, parse_question
from report_link import report_uri
from resumption import pass_on
from store import Approval, Table

DYNAMODB = boto3.client("dynamodb")
LAMBDA = boto3.client("lambda")
SAGEMAKER = boto3.client("sagemaker")
SNS = boto3.client("sns")
STEPFUNCTIONS = boto3.client("stepfunctions")
LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)


@dataclass(frozen=True)
class Places:
    """Where a question goes, and what its message links to; see the handler."""

    topic_arn: str
    page_url: str
    reports_uri: str


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """Store the question in APPROVAL_TABLE_NAME and publish it to TOPIC_ARN.

    APPROVAL_PAGE_URL is the page that the link opens; empty where there is none. The function
    WRITE_REPORT_FUNCTION_NAME is called to write the report so far under REPORTS_URI; where that
    fails, the question is asked all the same. A package that
    was decided before anybody was asked resumes the execution at once, and no message is sent. A
    second question about the same package takes the place of the first, whose link is dead.

    Args:
        event: `TaskToken`, `ExecutionArn`, `ModelPackageArn`, `ModelName`, `Reason` (why the gate
            let it pass), `ApprovalReason` (why a person is asked), `Numbers` (lines of text),
            `Compared` (a sentence or null), `Preprocessing` (the job's description, of which the
            ExitMessage says which rows were left out), `EvaluationUri` (S3 prefix of
            evaluation.json and report.json) and `TimeoutSeconds` (the state's).
        context: not used.

    Raises:
        ValueError: a field of the event is missing or cannot be used.
        botocore.exceptions.ClientError: a service refused; asking again is safe.
    """
    question = parse_question(event)
    have_report_written(question, os.environ["WRITE_REPORT_FUNCTION_NAME"], lambda_=LAMBDA)
    done = ask(
        question,
        places=Places(
            topic_arn=os.environ["TOPIC_ARN"],
            page_url=os.environ["APPROVAL_PAGE_URL"],
            reports_uri=os.environ["REPORTS_URI"],
        ),
        table=Table(os.environ["APPROVAL_TABLE_NAME"], DYNAMODB),
        sagemaker=SAGEMAKER,
        sns=SNS,
        stepfunctions=STEPFUNCTIONS,
        now=int(time.time()),
    )
    LOGGER.info(done)


def ask(
    question: Question,
    *,
    places: Places,
    table: Table,
    sagemaker: Any,
    sns: Any,
    stepfunctions: Any,
    now: int,
) -> str:
    """Do what the handler does, and return it in words for the log."""
    arn = question.model_package_arn
    # Stored before the registry is looked at: a decision that comes later finds the question.
    message = prepare(question, places=places, now=now, table=table)
    package = registry.describe(arn, sagemaker=sagemaker)
    if package is not None and package.is_decided:
        return f"{arn}: {pass_on(package, table=table, stepfunctions=stepfunctions, now=now)}"
    publish(message, topic_arn=places.topic_arn, sns=sns)
    return f"{arn}: a person was asked"


def have_report_written(question: Question, function_name: str, *, lambda_: Any) -> None:
    """Call the function that writes the report, and do not wait for it."""
    payload = json.dumps({"ExecutionArn": question.execution.arn})
    try:
        lambda_.invoke(FunctionName=function_name, InvocationType="Event", Payload=payload.encode())
    except (ClientError, BotoCoreError) as error:
        LOGGER.warning("%s: no report: %s", question.execution.arn, type(error).__name__)


def prepare(question: Question, *, places: Places, now: int, table: Table) -> Message:
    """Store a question under a new key, and return the message, the only place that has it."""
    link = Link(version_of(question.model_package_arn), new_key())
    approval = Approval(
        model_package_arn=question.model_package_arn,
        link_sha256=sha256_of(link.key),
        execution_arn=question.execution.arn,
        model_name=question.model_name,
        evaluation_uri=question.evaluation_uri,
        reason=question.reason,
        approval_reason=question.approval_reason,
        compared=question.compared,
        left_out=question.left_out,
        report_uri=report_uri(question.execution, places.reports_uri),
        numbers=question.numbers,
        expires_at=now + question.timeout_seconds,
    )
    store.put(approval, task_token=question.task_token, table=table)
    link_url = url_of(places.page_url, link) if places.page_url else None
    return compose(
        question,
        link_url=link_url,
        reports_uri=places.reports_uri,
        expires_at=approval.expires_at,
    )


def publish(message: Message, *, topic_arn: str, sns: Any) -> None:
    """Publish; the kind is an attribute too, so that a filter policy can choose by it."""
    sns.publish(
        TopicArn=topic_arn,
        Subject=message.subject,
        Message=message.text,
        MessageAttributes={"kind": {"DataType": "String", "StringValue": KIND}},
    )
