"""Find the captured calls of a window, and say how they are compared: in a function or in a job."""

import os
from typing import Any

import boto3
from calls import endpoint_calls
from folders import Folders, folders_of
from listing import first_key, measured
from request import Config, Seen, answer
from window import window_of

S3 = boto3.client("s3")
CLOUDWATCH = boto3.client("cloudwatch")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Look what there is of a window.

    Args:
        event: `from` and `until` (times in UTC such as 2026-11-23T08:00:00Z), `reason` (schedule,
            truth or by hand).
        context: not used.

    Returns:
        `how` (function or job), `captured_bytes` and `captured_objects` (as far as they were
        counted), `window`, `reason`, `report_prefix`, `endpoint_calls` (of `calls.py`); what the
        function takes: `bucket_name`,
        `capture_prefixes`, `truth_prefixes`, `baseline`, `history_key`, `settings`; what the job
        takes: `job_name`, `inputs`, `arguments`, `report_uri`.

    Raises:
        NoBaselineError: the evaluation of the served model left no baseline.
        ValueError: a field of the event is missing or cannot be used.
        botocore.exceptions.ClientError: S3 or CloudWatch refused.
    """
    config = Config(
        bucket_name=os.environ["BUCKET_NAME"],
        endpoint_name=os.environ["ENDPOINT_NAME"],
        workflow_bucket_name=os.environ["WORKFLOW_BUCKET_NAME"],
        model_name=os.environ["MODEL_NAME"],
        job_scripts_uri=os.environ["JOB_SCRIPTS_URI"],
        max_function_bytes=int(os.environ["MAX_FUNCTION_BYTES"]),
        settings={
            "level": float(os.environ["LEVEL"]),
            "min_effect": float(os.environ["MIN_EFFECT"]),
            "min_rows": int(os.environ["MIN_ROWS"]),
        },
    )
    return find_captures(event, config=config, s3=S3, cloudwatch=CLOUDWATCH)


def find_captures(
    event: dict[str, Any], *, config: Config, s3: Any, cloudwatch: Any
) -> dict[str, Any]:
    """Return the handler's answer; see there."""
    window = window_of(event)
    baseline_key = config.baseline_key
    if first_key(config.workflow_bucket_name, baseline_key, s3=s3) is None:
        raise NoBaselineError(
            f"s3://{config.workflow_bucket_name}/{baseline_key} does not exist, so "
            f"{config.model_name} was released before evaluations left a baseline; release a model "
            "anew and deploy it"
        )
    every = folders_of(window, endpoint_name=config.endpoint_name)
    folders = Folders(
        captures=_filled(every.captures, config.bucket_name, s3),
        truths=_filled(every.truths, config.bucket_name, s3),
    )
    size = measured(
        config.bucket_name, folders.captures, max_bytes=config.max_function_bytes, s3=s3
    )
    history_key = first_key(config.bucket_name, "reports/latest/history.json", s3=s3)
    calls = endpoint_calls(window, endpoint_name=config.endpoint_name, cloudwatch=cloudwatch)
    seen = Seen(folders, size, history_key=history_key, endpoint_calls=calls)
    return answer(window, seen, config=config)


def _filled(prefixes: tuple[str, ...], bucket_name: str, s3: Any) -> tuple[str, ...]:
    """Return the folders that hold something: SageMaker fails on others."""
    return tuple(one for one in prefixes if first_key(bucket_name, one, s3=s3) is not None)


class NoBaselineError(Exception):
    """There is nothing to compare with."""
