"""Jobs are accepted once, end once, and always end."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pocketaws.errors import JobFailure, ServiceError
from pocketaws.sagemaker.jobs.jobs import Job, JobKind, Jobs

SECONDS = 10
KIND = JobKind.PROCESSING


class FakeContainer:
    """Does jobs as it is told to, once it may."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.work: Callable[[Job], None] = lambda _: None

    def check(self, request: Mapping[str, Any]) -> None:
        if "bad" in request:
            raise ServiceError("ValidationException", "bad")

    def run(self, job: Job) -> None:
        while not (self.may_go_on.wait(0.01) or job.stopping.is_set()):
            pass
        self.work(job)


@pytest.fixture
def container() -> FakeContainer:
    return FakeContainer()


@pytest.fixture
def jobs(container: FakeContainer) -> Iterator[Jobs]:
    jobs = Jobs({KIND: container}, arn_prefix="arn:aws:sagemaker:x:1")
    yield jobs
    jobs.stop_all(timeout_seconds=SECONDS)


def create(jobs: Jobs, name: str = "job", **more: Any) -> Job:
    told = {"record": lambda: None, "on_end": lambda _: None, **more}
    return jobs.create(KIND, {"ProcessingJobName": name}, **told)


def test_a_job_is_recorded_before_its_work_begins(jobs: Jobs, container: FakeContainer) -> None:
    order: list[str] = []
    container.may_go_on.set()
    container.work = lambda _: order.append("work")

    job = create(
        jobs, record=lambda: order.append("record"), on_end=lambda job: order.append(job.status)
    )

    assert job.ended.wait(SECONDS)
    assert order == ["record", "work", "Completed"]


def test_a_job_that_could_not_be_recorded_was_not_accepted(jobs: Jobs) -> None:
    def fail() -> None:
        raise ValueError("full")

    with pytest.raises(ValueError, match="full"):
        create(jobs, record=fail)

    assert jobs.all() == []
    assert create(jobs).name == "job"


def test_of_jobs_with_one_name_at_once_one_is_accepted(jobs: Jobs) -> None:
    def outcome(_: int) -> str:
        try:
            return create(jobs).name
        except ServiceError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(outcome, range(8)))

    assert outcomes == ["ResourceInUse"] * 7 + ["job"]
    assert len(jobs.all()) == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (JobFailure("AlgorithmError: no"), "AlgorithmError: no"),
        (OSError("full"), "InternalServerError: OSError: full"),
    ],
)
def test_a_job_that_fails_tells_why(
    jobs: Jobs, container: FakeContainer, error: Exception, reason: str
) -> None:
    def fail(_: Job) -> None:
        raise error

    container.work = fail
    container.may_go_on.set()
    job = create(jobs)

    assert job.ended.wait(SECONDS)
    assert (job.status, job.description()["FailureReason"]) == ("Failed", reason)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_ends_even_where_those_that_are_told_fail(
    jobs: Jobs, container: FakeContainer
) -> None:
    def fail(_: Job) -> None:
        raise KeyError("no record")

    container.may_go_on.set()
    job = create(jobs, on_end=fail)

    assert job.ended.wait(SECONDS)
    assert job.status == "Completed"


def test_a_stopped_job_is_stopping_and_then_stopped(jobs: Jobs, container: FakeContainer) -> None:
    job = create(jobs)

    jobs.stop(KIND, "job")
    status = job.status

    assert status in ("Stopping", "Stopped")
    assert job.ended.wait(SECONDS)
    assert job.status == "Stopped"
    with pytest.raises(ServiceError, match="is in status Stopped"):
        jobs.stop(KIND, "job")


def test_nothing_begins_once_all_are_stopped(jobs: Jobs) -> None:
    job = create(jobs)

    jobs.stop_all(timeout_seconds=SECONDS)

    assert job.status == "Stopped"
    with pytest.raises(ServiceError, match="is being stopped"):
        create(jobs, "late")


def test_what_is_refused_leaves_no_job(jobs: Jobs) -> None:
    with pytest.raises(ServiceError, match="bad"):
        jobs.create(
            KIND,
            {"ProcessingJobName": "job", "bad": 1},
            record=lambda: None,
            on_end=lambda _: None,
        )
    with pytest.raises(ServiceError, match="not found"):
        jobs.get(KIND, "job")
