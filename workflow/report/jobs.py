"""The SageMaker jobs of an execution, from what their tasks were given and answered."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from workflow.report.record import Attempt, JobRun, StateRun
from workflow.report.secrets import parsed
from workflow.report.times import iso, seconds_between, time_of_output

_KINDS: Final = {"processing": "ProcessingJobName", "training": "TrainingJobName"}


def jobs_of(states: Iterable[StateRun]) -> Iterator[JobRun]:
    """Yield the jobs in the order of their start, without log lines."""
    for state in states:
        for attempt in state.attempts:
            for kind, name_key in _KINDS.items():
                if name_key in _mapping(attempt.parameters):
                    yield _job(state, attempt, kind, name_key)


def _job(state: StateRun, attempt: Attempt, kind: str, name_key: str) -> JobRun:
    parameters = _mapping(attempt.parameters)
    # Of a job that failed, the cause is what describes it.
    described = _mapping(attempt.output) or _mapping(parsed(attempt.cause))
    cluster = _cluster(parameters)
    count = int(cluster.get("InstanceCount", 1))
    title = kind.capitalize()
    started = time_of_output(described.get(f"{title}StartTime"))
    ended = time_of_output(described.get(f"{title}EndTime"))
    seconds = seconds_between(started, ended) if started and ended else None
    return JobRun(
        name=str(parameters[name_key]),
        kind=kind,
        state_name=state.name,
        status=str(described.get(f"{title}JobStatus", attempt.status)),
        image_uri=_image_uri(parameters),
        instance_type=cluster.get("InstanceType"),
        instance_count=count,
        started_at=iso(started) if started else None,
        ended_at=iso(ended) if ended else None,
        seconds=seconds,
        instance_seconds=None if seconds is None else round(seconds * count, 3),
    )


def _cluster(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    processing = _mapping(_mapping(parameters.get("ProcessingResources")).get("ClusterConfig"))
    return processing or _mapping(parameters.get("ResourceConfig"))


def _image_uri(parameters: Mapping[str, Any]) -> str | None:
    training = _mapping(parameters.get("AlgorithmSpecification")).get("TrainingImage")
    found = training or _mapping(parameters.get("AppSpecification")).get("ImageUri")
    return found if isinstance(found, str) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
