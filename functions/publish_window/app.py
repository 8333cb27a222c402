"""Publish what came of a window: numbers for CloudWatch's alarms, and what messages look at."""

import json
import os
from typing import Any

import boto3
from measures import measures

S3 = boto3.client("s3")
CLOUDWATCH = boto3.client("cloudwatch")
NAMESPACE = "SageMakerWorkflow/Monitor"
# Of one PutMetricData, which takes a thousand.
MAX_METRICS = 500
# Where the newest window's summary lies, and its history for the next one.
LATEST = "reports/latest/"


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Publish a window.

    Args:
        event: what functions/find_captures answers.
        context: not used.

    Returns:
        `state`, `note` and `drifted` of the report.

    Raises:
        botocore.exceptions.ClientError: S3 or CloudWatch refused.
    """
    return published(event, endpoint_name=os.environ["ENDPOINT_NAME"], s3=S3, cloudwatch=CLOUDWATCH)


def published(
    event: dict[str, Any], *, endpoint_name: str, s3: Any, cloudwatch: Any
) -> dict[str, Any]:
    """Return the handler's answer; see there."""
    bucket_name, prefix = event["bucket_name"], event["report_prefix"]
    body = s3.get_object(Bucket=bucket_name, Key=f"{prefix}report.json")["Body"].read()
    report = json.loads(body)
    is_late = event["reason"] == "truth"
    if not is_late:
        # Before the numbers: an alarm that they set off names what the newest window holds.
        keep_latest(report, bucket_name=bucket_name, prefix=prefix, s3=s3)
    metrics = measures(report, endpoint_name=endpoint_name, quality_alone=is_late)
    for start in range(0, len(metrics), MAX_METRICS):
        cloudwatch.put_metric_data(
            Namespace=NAMESPACE, MetricData=metrics[start : start + MAX_METRICS]
        )
    return {key: report[key] for key in ("state", "note", "drifted")}


def keep_latest(report: dict[str, Any], *, bucket_name: str, prefix: str, s3: Any) -> None:
    """Keep what a message says of the newest window, and the history for the next one."""
    summary = {key: report[key] for key in ("window", "state", "note", "drifted", "moved_most")}
    summary["page_key"] = f"{prefix}report.html"
    history = s3.get_object(Bucket=bucket_name, Key=f"{prefix}history.json")["Body"].read()
    for name, body in {
        "summary.json": json.dumps(summary).encode(),
        "history.json": history,
    }.items():
        s3.put_object(
            Bucket=bucket_name, Key=f"{LATEST}{name}", Body=body, ContentType="application/json"
        )
