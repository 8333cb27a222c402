"""Custom resource: fail the update of an endpoint that does not give the known answers.

The stack has CloudFormation ask whenever the endpoint serves another model or configuration. A
failure fails the update, and the rollback brings the old one back. CloudFormation asks again then,
with the old properties; a failure is only told, since a rollback that fails leaves a stack that
nobody can update.

Contract: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

import logging
import os
import urllib.request
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.config import Config
from comparison import SmokeTestFailed, compare
from features import check_features
from known_answers import KnownAnswers, read_known_answers
from message import message_of
from predictions import ask_endpoint
from response import body_of
from settings import Settings, settings_of

S3 = boto3.client("s3")
SNS = boto3.client("sns")
CLOUDFORMATION = boto3.client("cloudformation")
# SageMaker waits a minute for a container; three times that fits into the function's time.
RUNTIME = boto3.client(
    "sagemaker-runtime",
    config=Config(read_timeout=65, retries={"total_max_attempts": 3, "mode": "standard"}),
)
LOGGER = logging.getLogger(__name__)
PHYSICAL_RESOURCE_ID: Final = "smoke-test"
RESPONSE_TIMEOUT_SECONDS: Final = 20
# It stands in a message, too; CloudFormation's answer is cut by its bytes.
_REASON_MAXIMUM: Final = 1000


@dataclass(frozen=True)
class Clients:
    """What the test talks to."""

    s3: Any
    sns: Any
    runtime: Any
    cloudformation: Any


@dataclass(frozen=True)
class Answer:
    """What CloudFormation is told."""

    status: str
    reason: str


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Test the endpoint; tell CloudFormation how it went, or the caller where a person asks.

    Args:
        event: CloudFormation's request, whose `ResourceProperties` are `EndpointName`, `ModelName`,
            `Tolerance` and `FeatureNames` (may be missing); or these alone, from a person or a
            pipeline.
        context: not used.

    Returns:
        `EndpointName`, `ModelName`, `Rows` (how many were tested) and `FeatureNames` (what the
        model takes); empty for CloudFormation, which gets its answer at the URL of the request.

    Raises:
        SmokeTestFailed: a person asked, and the answers are not the known ones.
        ValueError: a person asked, and a field is missing or cannot be used.
    """
    clients = Clients(S3, SNS, RUNTIME, CLOUDFORMATION)
    bucket_name, topic_arn = os.environ["BUCKET_NAME"], os.environ["TOPIC_ARN"]
    if "ResponseURL" not in event:
        return smoke_test(event, clients=clients, bucket_name=bucket_name)
    respond(event, outcome(event, clients=clients, bucket_name=bucket_name, topic_arn=topic_arn))
    return {}


def outcome(event: dict[str, Any], *, clients: Clients, bucket_name: str, topic_arn: str) -> Answer:
    """Return the answer to one request of CloudFormation; failures are told on the topic."""
    if event["RequestType"] == "Delete":
        return Answer("SUCCESS", "")
    properties = event.get("ResourceProperties", {})
    try:
        smoke_test(properties, clients=clients, bucket_name=bucket_name)
    except Exception as error:
        # CloudFormation waits until its time is over for an answer that does not come.
        LOGGER.exception("the smoke test failed")
        reason = f"{type(error).__name__}: {error}"[:_REASON_MAXIMUM]
    else:
        return Answer("SUCCESS", "")
    rolling_back = is_rolling_back(event["StackId"], clients.cloudformation)
    tell(properties, reason, rolling_back=rolling_back, topic_arn=topic_arn, sns=clients.sns)
    return Answer("SUCCESS" if rolling_back else "FAILED", reason)


def smoke_test(properties: dict[str, Any], *, clients: Clients, bucket_name: str) -> dict[str, Any]:
    """Return the handler's answer, or raise; see there."""
    settings: Settings = settings_of(properties)
    known: KnownAnswers = read_known_answers(
        settings.model_name, bucket_name=bucket_name, s3=clients.s3
    )
    check_features(known, settings.feature_names)
    predictions = ask_endpoint(settings.endpoint_name, known, runtime=clients.runtime)
    compare(known, predictions, tolerance=settings.tolerance)
    return {
        "EndpointName": settings.endpoint_name,
        "ModelName": settings.model_name,
        "Rows": len(known.rows),
        "FeatureNames": ",".join(known.columns),
    }


def is_rolling_back(stack_id: str, cloudformation: Any) -> bool:
    """Return whether the stack is on its way back, which the request itself does not say."""
    try:
        (stack,) = cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
    except Exception:
        # Failing an update that is none costs less than passing one that should fail.
        LOGGER.exception("the state of the stack is not known")
        return False
    return "ROLLBACK" in stack["StackStatus"]


def tell(
    properties: dict[str, Any], reason: str, *, rolling_back: bool, topic_arn: str, sns: Any
) -> None:
    """Publish why the test failed; where that fails, the stack's events still hold it."""
    subject, text = message_of(properties, reason, rolling_back=rolling_back)
    try:
        sns.publish(TopicArn=topic_arn, Subject=subject, Message=text)
    except Exception:
        # A topic that is not there must not hide the test's own reason.
        LOGGER.exception("the message was not sent")


def respond(event: dict[str, Any], answer: Answer) -> None:
    """Answer CloudFormation at the URL that it signed for this request."""
    body = body_of(
        event,
        status=answer.status,
        reason=answer.reason,
        physical_resource_id=PHYSICAL_RESOURCE_ID,
    )
    request = urllib.request.Request(  # noqa: S310 - CloudFormation gives the URL
        event["ResponseURL"], data=body, method="PUT", headers={"Content-Type": ""}
    )
    urllib.request.urlopen(request, timeout=RESPONSE_TIMEOUT_SECONDS).close()  # noqa: S310


__all__ = ["SmokeTestFailed", "lambda_handler"]
