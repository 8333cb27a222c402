"""The approval page, behind a function URL: the link in the message is the key."""

import logging
import os
import time
from typing import Any

import boto3
from answer import response_of
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from request import Request, parse_request
from store import Table
from visit import Services, answer_to, failure_of, unavailable

DYNAMODB = boto3.client("dynamodb")
SAGEMAKER = boto3.client("sagemaker")
STEPFUNCTIONS = boto3.client("stepfunctions")
# The signature that every region takes.
S3 = boto3.client("s3", config=Config(signature_version="s3v4"))
LOGGER = logging.getLogger(__name__)


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request to the page.

    APPROVAL_TABLE_NAME holds the questions, and MODEL_PACKAGE_GROUP_ARN is the group whose
    versions can be decided here. Where AWS_ENDPOINT_URL leads the clients elsewhere than to AWS,
    the page does not link to AWS's console. Neither the event nor a part of it is logged.

    Args:
        event: the request, in payload format 2.0.
        context: not used.

    Returns:
        The response: 200 (the page, or what was decided), 400, 413 or 415 (the form), 403 (no
        link of ours), 405, 410 (decided, expired, or nobody waits) or 503 (try again).
    """
    services = Services(
        table=Table(os.environ["APPROVAL_TABLE_NAME"], DYNAMODB),
        model_package_group_arn=os.environ["MODEL_PACKAGE_GROUP_ARN"],
        sagemaker=SAGEMAKER,
        stepfunctions=STEPFUNCTIONS,
        s3=S3,
        # https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
        is_at_aws="AWS_ENDPOINT_URL" not in os.environ,
    )
    return respond(parse_request(event), services=services, now=int(time.time()))


def respond(request: Request, *, services: Services, now: int) -> dict[str, Any]:
    """Return the handler's answer; see there."""
    try:
        answer = answer_to(request, services=services, now=now)
    except (ClientError, BotoCoreError) as error:
        LOGGER.warning("a service failed: %s", failure_of(error))
        answer = unavailable()
    return response_of(answer, request.method)
