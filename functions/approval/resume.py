"""Resume the execution that waits for a model package, whoever decided and however."""

import logging
import os
import time
from collections.abc import Mapping
from typing import Any

import boto3
import registry
from resumption import pass_on
from store import Table

DYNAMODB = boto3.client("dynamodb")
SAGEMAKER = boto3.client("sagemaker")
STEPFUNCTIONS = boto3.client("stepfunctions")
LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """Pass on what the registry says of the event's package, if it is of our group.

    The event says only which package to look at: events come twice and out of order, and the
    registry knows what holds now. Approved succeeds the waiting state with `decision`,
    `description` and `decided_by`; Rejected fails it with ModelRejected.

    Args:
        event: EventBridge's "SageMaker Model Package State Change":
            https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
        context: not used.

    Raises:
        botocore.exceptions.ClientError: a service refused; Lambda tries again.
    """
    done = resume(
        event,
        group_name=os.environ["MODEL_PACKAGE_GROUP_NAME"],
        table=Table(os.environ["APPROVAL_TABLE_NAME"], DYNAMODB),
        sagemaker=SAGEMAKER,
        stepfunctions=STEPFUNCTIONS,
        now=int(time.time()),
    )
    LOGGER.info(done)


def resume(
    event: Mapping[str, Any],
    *,
    group_name: str,
    table: Table,
    sagemaker: Any,
    stepfunctions: Any,
    now: int,
) -> str:
    """Do what the handler does, and return it in words for the log."""
    detail = event.get("detail")
    named = detail if isinstance(detail, Mapping) else {}
    arn = named.get("ModelPackageArn")
    if not registry.is_package_arn(arn):
        return "the event names no version of a model package group"
    # First by the event: the role may not look at the packages of other groups.
    if named.get("ModelPackageGroupName", group_name) != group_name:
        return f"{arn}: it is of another group"
    package = registry.describe(str(arn), sagemaker=sagemaker)
    if package is None:
        return f"{arn}: the registry does not know it"
    if package.group_name != group_name:
        return f"{arn}: it is of another group"
    return f"{arn}: {pass_on(package, table=table, stepfunctions=stepfunctions, now=now)}"
