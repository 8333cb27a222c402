"""Which jobs an execution ran, by its history, and what they wrote, by CloudWatch Logs."""

import json
from types import SimpleNamespace
from typing import Any

from workflow.laptop.ran_jobs import jobs_of


class _FakeLogs:
    """CloudWatch Logs with streams of two pages, of which the last leads to itself."""

    exceptions = SimpleNamespace(ResourceNotFoundException=KeyError)

    def get_paginator(self, name: str) -> Any:
        assert name == "describe_log_streams"
        return SimpleNamespace(paginate=self._paginated)

    def _paginated(self, **request: str) -> list[dict[str, Any]]:
        assert request["logGroupName"] == "/aws/sagemaker/TrainingJobs"
        prefix = request["logStreamNamePrefix"]
        jobs = [prefix] if prefix.endswith("/") else [f"{prefix}001/", f"{prefix}002/"]
        return [{"logStreams": [{"logStreamName": f"{job}algo-1-17"} for job in jobs]}]

    def get_log_events(self, **request: Any) -> dict[str, Any]:
        if "nextToken" not in request:
            return {"events": [{"message": "one#011two"}], "nextForwardToken": "a"}
        events = [{"message": "three"}] if request["nextToken"] == "a" else []
        return {"events": events, "nextForwardToken": "b"}


def _attempt(kind: str, name: str, *ends: str) -> list[dict[str, Any]]:
    def event(of: str, **details: str) -> dict[str, Any]:
        key = f"{of[0].lower()}{of[1:]}EventDetails"
        return {"type": of, key: {"resource": f"create{kind}.sync", **details}}

    parameters = json.dumps({f"{kind}Name": name})
    return [event("TaskScheduled", parameters=parameters), *(event(end) for end in ends)]


def test_jobs_are_those_that_were_accepted_and_failed_unless_they_succeeded() -> None:
    events = [
        *_attempt("TrainingJob", "refused", "TaskSubmitFailed"),
        *_attempt("TrainingJob", "broken", "TaskSubmitted", "TaskFailed"),
        *_attempt("TrainingJob", "good", "TaskSubmitted", "TaskSucceeded"),
    ]

    jobs = jobs_of(events, logs=_FakeLogs())

    assert [(job.kind, job.name, job.failed) for job in jobs] == [
        ("training-job", "broken", True),
        ("training-job", "good", False),
    ]
    assert jobs[1].logs == {"algo-1": b"one\ttwo\nthree\n"}


def test_the_jobs_that_a_tuning_job_trains_follow_it() -> None:
    events = _attempt("HyperParameterTuningJob", "t", "TaskSubmitted", "TaskSucceeded")

    tuning, *trained = jobs_of(events, logs=_FakeLogs())

    assert (tuning.kind, tuning.logs) == ("hyper-parameter-tuning-job", {})
    assert [(job.kind, job.name) for job in trained] == [
        ("training-job", "t-001"),
        ("training-job", "t-002"),
    ]
