"""Ask a person to approve a model, while the execution waits with its task token."""

import logging
import os
import time
from typing import Any

import boto3
import registry
import store
from link import Link, new_key, sha256_of, url_of, version_of
from message import KIND, Message, compose
from question import Question, parse_question
from resumption import pass_on
from store import Approval, Table

DYNAMODB = boto3.client("dynamodb")
SAGEMAKER = boto3.client("sagemaker")
SNS = boto3.client("sns")
STEPFUNCTIONS = boto3.client("stepfunctions")
LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """Store the question in APPROVAL_TABLE_NAME and publish it to TOPIC_ARN.

    APPROVAL_PAGE_URL is the page that the link opens; empty where there is none. A package that
    was decided before anybody was asked resumes the execution at once, and no message is sent. A
    second question about the same package takes the place of the first, whose link is dead.

    Args:
        event: `TaskToken`, `ExecutionArn`, `ModelPackageArn`, `ModelName`, `Reason` (why the gate
            let it pass), `ApprovalReason` (why a person is asked), `Numbers` (lines of text),
            `Compared` (a sentence or null), `EvaluationUri` (S3 prefix of evaluation.json and
            report.json) and `TimeoutSeconds` (the state's).
        context: not used.

    Raises:
        ValueError: a field of the event is missing or cannot be used.
        botocore.exceptions.ClientError: a service refused; asking again is safe.
    """
    done = ask(
        parse_question(event),
        topic_arn=os.environ["TOPIC_ARN"],
        page_url=os.environ["APPROVAL_PAGE_URL"],
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
    topic_arn: str,
    page_url: str,
    table: Table,
    sagemaker: Any,
    sns: Any,
    stepfunctions: Any,
    now: int,
) -> str:
    """Do what the handler does, and return it in words for the log."""
    arn = question.model_package_arn
    # Stored before the registry is looked at: a decision that comes later finds the question.
    message = prepare(question, page_url=page_url, now=now, table=table)
    package = registry.describe(arn, sagemaker=sagemaker)
    if package is not None and package.is_decided:
        return f"{arn}: {pass_on(package, table=table, stepfunctions=stepfunctions, now=now)}"
    publish(message, topic_arn=topic_arn, sns=sns)
    return f"{arn}: a person was asked"


def prepare(question: Question, *, page_url: str, now: int, table: Table) -> Message:
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
        numbers=question.numbers,
        expires_at=now + question.timeout_seconds,
    )
    store.put(approval, task_token=question.task_token, table=table)
    link_url = url_of(page_url, link) if page_url else None
    return compose(question, link_url=link_url, expires_at=approval.expires_at)


def publish(message: Message, *, topic_arn: str, sns: Any) -> None:
    """Publish; the kind is an attribute too, so that a filter policy can choose by it."""
    sns.publish(
        TopicArn=topic_arn,
        Subject=message.subject,
        Message=message.text,
        MessageAttributes={"kind": {"DataType": "String", "StringValue": KIND}},
    )
