"""Close what an execution left open that ended by no state of its own.

A failure that no Catch can meet (States.Runtime), an execution that somebody stopped, and one that
ran out of time reach none of the states that tell of a failure and withdraw the model package.
"""

import logging
import os
from collections.abc import Mapping
from typing import Any

import boto3
from ending import Ending, ending_of
from message import compose
from packages import withdraw

SAGEMAKER = boto3.client("sagemaker")
SNS = boto3.client("sns")
SSM = boto3.client("ssm")
STEPFUNCTIONS = boto3.client("stepfunctions")
LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """Withdraw the execution's model package and tell the topic; nothing where it told itself.

    MODEL_PACKAGE_GROUP_NAME and MODEL_PARAMETER_NAME are the stack's; TOPIC_ARN gets the message.

    Args:
        event: EventBridge's "Step Functions Execution Status Change":
            https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
        context: not used.

    Raises:
        botocore.exceptions.ClientError: a service refused; Lambda tries again.
    """
    done = close(
        event,
        group_name=os.environ["MODEL_PACKAGE_GROUP_NAME"],
        parameter_name=os.environ["MODEL_PARAMETER_NAME"],
        topic_arn=os.environ["TOPIC_ARN"],
        sagemaker=SAGEMAKER,
        sns=SNS,
        ssm=SSM,
        stepfunctions=STEPFUNCTIONS,
    )
    LOGGER.info(done)


def close(
    event: Mapping[str, Any],
    *,
    group_name: str,
    parameter_name: str,
    topic_arn: str,
    sagemaker: Any,
    sns: Any,
    ssm: Any,
    stepfunctions: Any,
) -> str:
    """Do what the handler does, and return it in words for the log."""
    ending = ending_of(str(event["detail"]["executionArn"]), stepfunctions=stepfunctions)
    if not ending.is_untold:
        return f"{ending.execution_arn}: its own states have told how it ended"
    withdrawn = withdraw(
        ending, group_name=group_name, parameter_name=parameter_name, sagemaker=sagemaker, ssm=ssm
    )
    _publish(ending, withdrawn, topic_arn=topic_arn, sns=sns)
    return f"{ending.execution_arn}: told; withdrew {', '.join(withdrawn) or 'nothing'}"


def _publish(ending: Ending, withdrawn: list[str], *, topic_arn: str, sns: Any) -> None:
    subject, text = compose(ending, withdrawn)
    sns.publish(
        TopicArn=topic_arn,
        Subject=subject,
        Message=text,
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "failed"}},
    )
