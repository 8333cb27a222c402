"""Keep what the jobs of an execution made, whose model was recorded, for executions to come."""

import os
import time
from typing import Any

import boto3
from lookup import Table
from recorded import keep_outputs

S3 = boto3.client("s3")
DYNAMODB = boto3.client("dynamodb")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Write an entry for each job that ran to the table that CACHE_TABLE_NAME names.

    DATA_RETENTION_DAYS says how long the bucket keeps preprocessed data.

    Args:
        event: `ExecutionArn` and `ExecutionStartTime` (from the context object of Step
            Functions), `Cached` (the answer of `find.py`), `Preprocessing` (the prepared
            execution's `processing`), `ProcessingJob` and `TrainingJob` (what the jobs' states
            answered) and `Tuned` (what a search before the training found).
        context: not used.

    Returns:
        `note`: what was kept, or why nothing was, in a sentence.

    Raises:
        botocore.exceptions.ClientError: S3 or DynamoDB refused.
    """
    table = Table(os.environ["CACHE_TABLE_NAME"], DYNAMODB)
    days = int(os.environ["DATA_RETENTION_DAYS"])
    return keep_outputs(event, table=table, s3=S3, now=time.time(), retention_days=days)
