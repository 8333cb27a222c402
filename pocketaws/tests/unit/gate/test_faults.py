"""Faults hit the calls that they are meant for, and end the jobs that these create."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from pocketaws.calls import Call
from pocketaws.gate.faults import Fault, JobEnd, ending_jobs, function_error
from pocketaws.sagemaker.jobs.jobs import Job, JobKind, Jobs

INVOKE = Call("lambda", "Invoke", {"FunctionName": "stack-SendMessageFunction-1"})


class Container:
    """Does its work at once and leaves an artifact."""

    def check(self, request: Mapping[str, Any]) -> None:
        """Take any request."""

    def run(self, job: Job) -> None:
        job.details["ModelArtifacts"] = {"S3ModelArtifacts": "s3://bucket/model.tar.gz"}


@pytest.fixture
def jobs() -> Jobs:
    return Jobs({JobKind.TRAINING: Container()}, arn_prefix="arn:aws:sagemaker:eu-west-1:1")


def created(jobs: Jobs, name: str, end: JobEnd | None) -> Job:
    with ending_jobs(end):
        return jobs.create(
            JobKind.TRAINING,
            {"TrainingJobName": name},
            record=lambda: None,
            on_end=lambda _: None,
        )


def test_a_fault_without_texts_does_not_ask_for_the_body() -> None:
    fault = Fault("lambda", "Invoke", "ServiceException", subject="SendMessage")

    def body() -> bytes:
        raise AssertionError("the body was read")

    assert fault.hits(INVOKE, body)


def test_a_fault_with_texts_does_not_ask_another_call_for_its_body() -> None:
    fault = Fault("lambda", "Invoke", texts=("execution-1",), subject="PrepareExecution")

    def body() -> bytes:
        raise AssertionError("the body was read")

    assert not fault.hits(INVOKE, body)


@pytest.mark.parametrize(
    ("body", "hit"),
    [
        (b'{"Kind": "failed", "Execution": ":one"}', True),
        (b'{"Kind": "failed", "Execution": ":two"}', False),
        (b'{"Kind": "released", "Execution": ":one"}', False),
        (b'\xff{"Kind": "failed", "Execution": ":one"}', True),
        (b"", False),
    ],
)
def test_a_fault_hits_the_requests_that_have_all_of_its_texts(body: bytes, hit: bool) -> None:
    fault = Fault("lambda", "Invoke", texts=('"Kind": "failed"', ':one"'))

    assert fault.hits(INVOKE, lambda: body) is hit


def test_a_fault_that_has_hit_its_calls_hits_no_more() -> None:
    fault = Fault("lambda", "Invoke", times=0)

    assert not fault.hits(INVOKE)


def test_a_functions_error_is_json_whatever_its_message() -> None:
    answer = function_error("Broke", 'a "quoted" word')

    assert answer.body == '{"errorType": "Broke", "errorMessage": "a \\"quoted\\" word"}'
    assert ("X-Amz-Function-Error", "Unhandled") in answer.headers


def test_a_job_without_a_planned_end_does_its_work(jobs: Jobs) -> None:
    job = created(jobs, "plain", None)

    job.ended.wait(5)
    assert job.description()["TrainingJobStatus"] == "Completed"
    assert "ModelArtifacts" in job.description()


def test_a_job_can_be_made_to_fail_with_a_reason(jobs: Jobs) -> None:
    job = created(jobs, "fails", JobEnd("Failed", "AlgorithmError: no"))

    job.ended.wait(5)
    assert job.description()["TrainingJobStatus"] == "Failed"
    assert job.description()["FailureReason"] == "AlgorithmError: no"
    assert "ModelArtifacts" not in job.details


def test_a_job_can_be_stopped_before_its_work(jobs: Jobs) -> None:
    job = created(jobs, "stopped", JobEnd("Stopped"))

    job.ended.wait(5)
    assert job.description()["TrainingJobStatus"] == "Stopped"
    assert "ModelArtifacts" not in job.details


def test_an_endless_job_ends_when_it_is_stopped_and_not_before(jobs: Jobs) -> None:
    job = created(jobs, "endless", JobEnd("Stopped", endless=True))

    ended_by_itself = job.ended.wait(0.1)
    jobs.stop(JobKind.TRAINING, "endless")
    ended = job.ended.wait(5)

    assert (ended_by_itself, ended, job.status) == (False, True, "Stopped")


def test_a_jobs_description_can_lack_a_field(jobs: Jobs) -> None:
    job = created(jobs, "lacks", JobEnd("Completed", lacks=("ModelArtifacts", "Other")))

    job.ended.wait(5)
    assert job.description()["TrainingJobStatus"] == "Completed"
    assert "ModelArtifacts" not in job.description()


def test_a_planned_end_is_that_of_its_own_threads_jobs_only(jobs: Jobs) -> None:
    with ending_jobs(JobEnd("Stopped")):
        thread = threading.Thread(target=created, args=(jobs, "other", None))
        thread.start()
        thread.join()

    other = jobs.get(JobKind.TRAINING, "other")
    other.ended.wait(5)
    assert other.status == "Completed"


@pytest.mark.parametrize("body", [b'{"Name": "a", "Other": 1}', b'{"Name":"a","Other":1}'])
def test_white_space_of_json_does_not_matter(body: bytes) -> None:
    fault = Fault("lambda", "Invoke", texts=('"Name": "a", "Other"',))

    assert fault.hits(Call("lambda", "Invoke"), lambda: body)
