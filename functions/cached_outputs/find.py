"""Look whether jobs of an execution were run before, and answer them with what those made."""

import os
import time
from typing import Any

import boto3
from lookup import Table, look_up

S3 = boto3.client("s3")
DYNAMODB = boto3.client("dynamodb")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Look up the jobs' keys in the table that CACHE_TABLE_NAME names; see `lookup.look_up`.

    Args:
        event: `Preprocessing` and `Training` (what the two jobs' states would send),
            `Processing`, `Tuning` and `Gate` (of the prepared execution) and `ExpiresAfterSeconds`
            (older entries count for nothing; null for no such bound).
        context: not used.

    Raises:
        botocore.exceptions.ClientError: S3 or DynamoDB refused.
    """
    table = Table(os.environ["CACHE_TABLE_NAME"], DYNAMODB)
    return look_up(event, table=table, s3=S3, now=time.time())
