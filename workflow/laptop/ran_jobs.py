"""The SageMaker jobs of an execution: which ones ran, and what they wrote."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from workflow.account.job_logs import host_logs


class _Integration(NamedTuple):
    logged_as: str
    arn_type: str
    name_key: str


_TRAINING: Final = _Integration("training", "training-job", "TrainingJobName")
# Its training jobs have logs, itself has none.
_TUNING: Final = _Integration(
    "training", "hyper-parameter-tuning-job", "HyperParameterTuningJobName"
)
# By what Step Functions calls the integration.
_KINDS: Final[Mapping[str, _Integration]] = {
    "createProcessingJob.sync": _Integration("processing", "processing-job", "ProcessingJobName"),
    "createTrainingJob.sync": _TRAINING,
    "createHyperParameterTuningJob.sync": _TUNING,
}


@dataclass(frozen=True)
class RanJob:
    """A job that was accepted.

    Attributes:
        kind: as it stands in an ARN, such as "training-job".
        failed: whether it failed or was stopped.
        logs: what its containers wrote, by host.
    """

    kind: str
    name: str
    failed: bool
    logs: Mapping[str, bytes]


def jobs_of(events: Sequence[Mapping[str, Any]], *, logs: Any) -> list[RanJob]:
    """Return the jobs of an execution, in their order, by its history and CloudWatch Logs.

    Those that a tuning job trains follow it.

    Args:
        events: of the history.
        logs: a client of CloudWatch Logs.
    """
    return [job for accepted in _accepted(events) for job in _with_logs(accepted, logs)]


def _with_logs(job: RanJob, logs: Any) -> Iterator[RanJob]:
    group = next(kind.logged_as for kind in _KINDS.values() if kind.arn_type == job.kind)
    if job.kind != _TUNING.arn_type:
        yield replace(job, logs=host_logs(group, f"{job.name}/", logs=logs).get(job.name, {}))
        return
    yield job
    for name, by_host in host_logs(group, f"{job.name}-", logs=logs).items():
        yield RanJob(_TRAINING.arn_type, name, job.failed, by_host)


def _accepted(events: Sequence[Mapping[str, Any]]) -> list[RanJob]:
    """Return each job that SageMaker accepted, without what it wrote."""
    asked_for: dict[str, RanJob] = {}
    accepted: list[RanJob] = []
    for event in events:
        details = _task_details(event)
        resource = details.get("resource", "")
        if resource not in _KINDS:
            continue
        kind = _KINDS[resource]
        if event["type"] == "TaskScheduled":
            name = json.loads(details["parameters"])[kind.name_key]
            asked_for[resource] = RanJob(kind.arn_type, name, failed=True, logs={})
        elif event["type"] == "TaskSubmitted":
            accepted.append(asked_for[resource])
        elif event["type"] == "TaskSucceeded":
            accepted[accepted.index(asked_for[resource])] = replace(
                asked_for[resource], failed=False
            )
    return accepted


def _task_details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an event says of a task; empty where it says nothing."""
    kind = str(event["type"])
    details: Mapping[str, Any] = event.get(f"{kind[:1].lower()}{kind[1:]}EventDetails", {})
    return details
