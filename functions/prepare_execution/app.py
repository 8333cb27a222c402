"""Merge an execution's input over the stack's defaults, check all of it, and say what to run.

The first state of the workflow: whatever cannot work fails here, before a job costs anything.
"""

import os
from typing import Any

import boto3
from execution_input import InvalidExecutionInput, parse_execution_input
from input_data import find_input_data
from posed import posed
from prepared import prepare
from stack_defaults import stack_defaults

S3 = boto3.client("s3")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return the prepared execution that the other states read; see `prepared.prepare`.

    Args:
        event: `ExecutionArn`, `ExecutionName`, `ExecutionStartTime` and `ExecutionInput`, from
            the context object of Step Functions.
        context: not used.

    Raises:
        InvalidExecutionInput: with one line for each field that is wrong: its name, its value
            and what to do. It is the name of the error in the console.
    """
    problem = posed()
    settings = parse_execution_input(
        event["ExecutionInput"], defaults=stack_defaults(os.environ, problem), posed=problem
    )
    found = find_input_data(settings.input_data_uri, s3=S3)
    if settings.batch_data_uri:
        find_input_data(settings.batch_data_uri, s3=S3, field="batch_data_uri")
    return prepare(
        settings,
        input_data_version=found.version,
        execution_arn=event["ExecutionArn"],
        execution_name=event["ExecutionName"],
        start_time=event["ExecutionStartTime"],
        bucket_name=os.environ["BUCKET_NAME"],
        experiment_name=os.environ["EXPERIMENT_NAME"],
        git_commit=os.environ["GIT_COMMIT"],
    )


__all__ = ["InvalidExecutionInput", "lambda_handler"]
