"""The SageMaker jobs of an execution, from what their tasks were given and answered."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from workflow.report.record import Attempt, JobRun, StateRun
from workflow.report.secrets import parsed
from workflow.report.times import iso, seconds_between, time_of_output

# What SageMaker calls each kind, in its fields' names.
_KINDS: Final = {
    "processing": "Processing",
    "training": "Training",
    "tuning": "HyperParameterTuning",
    "transform": "Transform",
}


def jobs_of(states: Iterable[StateRun]) -> Iterator[JobRun]:
    """Yield the jobs in the order of their start, without log lines."""
    for state in states:
        for attempt in state.attempts:
            for kind, title in _KINDS.items():
                if f"{title}JobName" in _mapping(attempt.parameters):
                    yield _job(state, attempt, kind)


def _job(state: StateRun, attempt: Attempt, kind: str) -> JobRun:
    parameters = _mapping(attempt.parameters)
    # Of a job that failed, the cause is what describes it.
    described = _mapping(attempt.output) or _mapping(parsed(attempt.cause))
    cluster = _cluster(parameters)
    count = int(cluster.get("InstanceCount", 1))
    title = _KINDS[kind]
    # A tuning job begins when it is made.
    began = "CreationTime" if kind == "tuning" else f"{title}StartTime"
    started = time_of_output(described.get(began))
    ended = time_of_output(described.get(f"{title}EndTime"))
    seconds = seconds_between(started, ended) if started and ended else None
    return JobRun(
        name=str(parameters[f"{title}JobName"]),
        kind=kind,
        state_name=state.name,
        status=str(described.get(f"{title}JobStatus", attempt.status)),
        image_uri=_image_uri(parameters),
        instance_type=cluster.get("InstanceType"),
        instance_count=count,
        started_at=iso(started) if started else None,
        ended_at=iso(ended) if ended else None,
        seconds=seconds,
        instance_seconds=_instance_seconds(kind, described, seconds, count),
    )


def _instance_seconds(
    kind: str, described: Mapping[str, Any], seconds: float | None, count: int
) -> float | None:
    """Return how long a job's instances ran together; of a tuning job's own, if it tells."""
    if kind == "tuning":
        consumed = _mapping(described.get("ConsumedResources")).get("RuntimeInSeconds")
        return None if consumed is None else float(consumed) * count
    return None if seconds is None else round(seconds * count, 3)


def _cluster(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    processing = _mapping(_mapping(parameters.get("ProcessingResources")).get("ClusterConfig"))
    definition = _mapping(parameters.get("TrainingJobDefinition"))
    training = _mapping({**definition, **parameters}.get("ResourceConfig"))
    return processing or training or _mapping(parameters.get("TransformResources"))


def _image_uri(parameters: Mapping[str, Any]) -> str | None:
    definition = _mapping(parameters.get("TrainingJobDefinition"))
    algorithm = _mapping({**definition, **parameters}.get("AlgorithmSpecification"))
    training = algorithm.get("TrainingImage")
    found = training or _mapping(parameters.get("AppSpecification")).get("ImageUri")
    return found if isinstance(found, str) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
