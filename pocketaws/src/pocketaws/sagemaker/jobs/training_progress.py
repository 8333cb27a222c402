"""What DescribeTrainingJob tells of how far a job is: its secondary status and its times.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
"""

import datetime
from collections.abc import Mapping
from typing import Any, Final

_MESSAGES: Final = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


def training_progress(
    name: str,
    request: Mapping[str, Any],
    details: Mapping[str, Any],
    *,
    status: str,
    created: datetime.datetime,
) -> dict[str, Any]:
    """Return what is told of a training job beside its request.

    Args:
        name: of the job.
        request: of CreateTrainingJob.
        details: what the work has told so far.
        status: such as "InProgress".
        created: when the job was.
    """
    started, ended = details.get("TrainingStartTime"), details.get("TrainingEndTime")
    secondary = details.get("SecondaryStatus") or _secondary(status, started)
    output_uri = str(request.get("OutputDataConfig", {}).get("S3OutputPath", "")).rstrip("/")
    fields: dict[str, Any] = {
        "ModelArtifacts": {"S3ModelArtifacts": f"{output_uri}/{name}/output/model.tar.gz"},
        "SecondaryStatus": secondary,
        "SecondaryStatusTransitions": _transitions(secondary, created, started, ended),
    }
    if started is not None and ended is not None:
        seconds = max(1, round((ended - started).total_seconds()))
        fields["TrainingTimeInSeconds"] = fields["BillableTimeInSeconds"] = seconds
    return fields


def _secondary(status: str, started: datetime.datetime | None) -> str:
    if status == "InProgress":
        return "Starting" if started is None else "Training"
    return status


def _transitions(
    secondary: str,
    created: datetime.datetime,
    started: datetime.datetime | None,
    ended: datetime.datetime | None,
) -> list[dict[str, Any]]:
    times = [("Starting", created)]
    if started is not None:
        times += [("Downloading", started), ("Training", started)]
    if ended is not None:
        times += [*([("Uploading", ended)] if secondary == "Completed" else []), (secondary, ended)]
    found: list[dict[str, Any]] = []
    for index, (status, time) in enumerate(times):
        fields = {"Status": status, "StartTime": time, "StatusMessage": _MESSAGES.get(status, "")}
        if index + 1 < len(times):
            fields["EndTime"] = times[index + 1][1]
        elif ended is not None:
            fields["EndTime"] = ended
        found.append(fields)
    return found
