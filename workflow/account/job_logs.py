"""What SageMaker jobs wrote, from CloudWatch Logs."""

from collections.abc import Iterator
from typing import Any, Final

_GROUPS: Final = {
    "processing": "/aws/sagemaker/ProcessingJobs",
    "training": "/aws/sagemaker/TrainingJobs",
    "transform": "/aws/sagemaker/TransformJobs",
}


def log_tail(kind: str, job_name: str, lines: int, *, logs: Any) -> list[str]:
    """Return a job's last lines, its hosts one after another; none where there is no log.

    Args:
        kind: "processing", "training" or "transform"; others have no log.
        job_name: a log stream is called `JOB/HOST…`.
        lines: of each host, at most.
        logs: a client of CloudWatch Logs.
    """
    from botocore.exceptions import ClientError

    group = _GROUPS.get(kind)
    if group is None:
        return []
    try:
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{job_name}/")[
            "logStreams"
        ]
        events = [
            event
            for stream in streams
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], limit=lines
            )["events"]
        ]
    except ClientError:
        return []
    return [line for event in events for line in str(event["message"]).splitlines()]


def host_logs(kind: str, prefix: str, *, logs: Any) -> dict[str, dict[str, bytes]]:
    """Return all that the hosts of jobs wrote, by the job's name and the host's.

    Args:
        kind: "processing" or "training".
        prefix: with which log streams begin; they are called `JOB/HOST-SECONDS`.
        logs: a client of CloudWatch Logs.
    """
    group = _GROUPS[kind]
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=group, logStreamNamePrefix=prefix
    )
    found: dict[str, dict[str, bytes]] = {}
    try:
        for stream_name in [one["logStreamName"] for page in pages for one in page["logStreams"]]:
            job_name, _, host = stream_name.rpartition("-")[0].partition("/")
            text = "".join(_lines(group, stream_name, logs))
            found.setdefault(job_name, {})[host] = text.encode()
    except logs.exceptions.ResourceNotFoundException:
        # Nothing has been written to the group yet.
        return {}
    return found


def _lines(group: str, stream_name: str, logs: Any) -> Iterator[str]:
    token: dict[str, str] = {}
    while True:
        page = logs.get_log_events(
            logGroupName=group, logStreamName=stream_name, startFromHead=True, **token
        )
        for event in page["events"]:
            # SageMaker's agent writes a tab so.
            yield str(event["message"]).replace("#011", "\t") + "\n"
        # The last page leads to itself.
        if page["nextForwardToken"] == token.get("nextToken"):
            return
        token = {"nextToken": page["nextForwardToken"]}
