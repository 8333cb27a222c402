"""What a SageMaker job wrote last, from CloudWatch Logs."""

from typing import Any, Final

_GROUPS: Final = {
    "processing": "/aws/sagemaker/ProcessingJobs",
    "training": "/aws/sagemaker/TrainingJobs",
}


def log_tail(kind: str, job_name: str, lines: int, *, logs: Any) -> list[str]:
    """Return a job's last lines, its hosts one after another; none where there is no log.

    Args:
        kind: "processing" or "training".
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
