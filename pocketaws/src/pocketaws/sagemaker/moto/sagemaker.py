"""SageMaker: jobs are done by `jobs.Jobs`, a model needs a new name, an image and an artifact."""

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.logs.models import logs_backends
from moto.sagemaker.responses import SageMakerResponse

from pocketaws.change import Change
from pocketaws.errors import ServiceError
from pocketaws.sagemaker.jobs.jobs import Job, JobKind, Jobs
from pocketaws.sagemaker.moto import experiments, job_logs
from pocketaws.sagemaker.moto.sagemaker_errors import check_container, sagemaker_errors


def changes(jobs: Jobs, s3: Any) -> list[Change]:
    """Return what to change in moto's SageMaker."""
    found = [Change(SageMakerResponse, "create_model", _checked_create_model(s3))]
    for kind in JobKind:
        word = kind.value.lower()
        found += [
            Change(SageMakerResponse, f"create_{word}_job", _create_job(jobs, kind)),
            Change(SageMakerResponse, f"describe_{word}_job", _describe_job(jobs, kind)),
            Change(
                SageMakerResponse,
                f"stop_{word}_job",
                _stop_job(jobs, kind),
                adds=kind is not JobKind.PROCESSING,
            ),
        ]
    return found


def _create_job(jobs: Jobs, kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    word = kind.value.lower()
    original = getattr(SageMakerResponse, f"create_{word}_job")

    def create(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        records = getattr(self.sagemaker_backend, f"{word}_jobs")

        def on_end(job: Job) -> None:
            setattr(records[job.name], f"{word}_job_status", job.status)
            experiments.end_trial_component(self.sagemaker_backend, job)
            job_logs.write(job, logs_backends[self.current_account][self.region])

        def record() -> None:
            # moto's own record answers the List and tag calls.
            original(self)
            status = f"{word}_job_status"
            setattr(records[request[f"{kind.value}JobName"]], status, "InProgress")
            experiments.begin_trial_component(self.sagemaker_backend, kind, request)

        with sagemaker_errors():
            experiments.check(self.sagemaker_backend, request)
            job = jobs.create(kind, request, record=record, on_end=on_end)
        return ActionResult({f"{kind.value}JobArn": job.arn})

    return create


def _describe_job(jobs: Jobs, kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    def describe(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            job = jobs.get(kind, json.loads(self.body)[f"{kind.value}JobName"])
        return ActionResult(job.description())

    return describe


def _stop_job(jobs: Jobs, kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    def stop(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            jobs.stop(kind, json.loads(self.body)[f"{kind.value}JobName"])
        return EmptyResult()

    return stop


def _checked_create_model(s3: Any) -> Callable[[SageMakerResponse], ActionResult]:
    original = SageMakerResponse.create_model

    def create_model(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        with sagemaker_errors():
            if request["ModelName"] in self.sagemaker_backend._models:
                raise ServiceError(
                    "ValidationException",
                    f"Cannot create already existing model {request['ModelName']!r}.",
                )
            for member, container in _containers(request):
                check_container(member, container, s3)
        return original(self)

    return create_model


def _containers(request: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    several = request.get("Containers", [])
    if bool(several) == ("PrimaryContainer" in request):
        raise ServiceError(
            "ValidationException", "Exactly one of PrimaryContainer and Containers must be given."
        )
    if several:
        return [(f"containers.{number}.member", one) for number, one in enumerate(several, 1)]
    return [("primaryContainer", request["PrimaryContainer"])]
