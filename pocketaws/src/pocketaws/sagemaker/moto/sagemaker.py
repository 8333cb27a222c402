"""SageMaker: jobs are done by `jobs.Jobs`, a model needs a new name, an image and an artifact."""

import json
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.core.responses import ActionResult, EmptyResult
from moto.logs.models import logs_backends
from moto.sagemaker.models import Model, sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from pocketaws.change import Change
from pocketaws.cloudformation.moto.resource_errors import client_errors, resource_errors
from pocketaws.cloudformation.template_properties import checked_request
from pocketaws.errors import ServiceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.sagemaker.jobs.jobs import Job, JobKind, Jobs
from pocketaws.sagemaker.moto import experiments, job_lists, job_logs
from pocketaws.sagemaker.moto.sagemaker_errors import check_container, sagemaker_errors

MakeClient = Callable[[str], Any]
_NAME_LENGTH: Final = 63


def changes(jobs: Jobs, s3: Any, make_client: MakeClient, roles: AssumedRoles) -> list[Change]:
    """Return what to change in moto's SageMaker.

    Args:
        jobs: are done by them.
        s3: a client of the emulator.
        make_client: returns a client of an emulated service by its name.
        roles: as which SageMaker acts.
    """
    found = [
        Change(SageMakerResponse, "create_model", _create_model(s3, make_client, roles)),
        Change(Model, "create_from_cloudformation_json", _created_model(make_client)),
    ]
    for kind in JobKind:
        word = kind.snake
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
    return [*found, *job_lists.changes(jobs)]


def _create_job(jobs: Jobs, kind: JobKind) -> Callable[[SageMakerResponse], ActionResult]:
    word = kind.snake
    original = getattr(SageMakerResponse, f"create_{word}_job")

    def create(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        records = getattr(self.sagemaker_backend, f"{word}_jobs")

        def on_end(job: Job) -> None:
            experiments.end_trial_component(self.sagemaker_backend, job)
            job_logs.write(job, logs_backends[self.current_account][self.region])

        def record() -> None:
            # moto's own record answers the calls of tags; all else is the job's to tell.
            original(self)
            record = records[request[f"{kind.value}JobName"]]
            record.__dict__ = {name: vars(record)[name] for name in ("arn", "tags")}
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


def _create_model(
    s3: Any, make_client: MakeClient, roles: AssumedRoles
) -> Callable[[SageMakerResponse], ActionResult]:
    def create_model(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        with sagemaker_errors():
            if request["ModelName"] in self.sagemaker_backend._models:
                raise ServiceError(
                    "ValidationException",
                    f"Cannot create already existing model {request['ModelName']!r}.",
                )
            if "ExecutionRoleArn" in request:
                roles.credentials(request["ExecutionRoleArn"])
            containers = [
                (member, _of_package(container, make_client))
                for member, container in _containers(request)
            ]
            for member, container in containers:
                check_container(member, container, s3)
        several = [container for _, container in containers]
        is_one = "PrimaryContainer" in request
        model = self.sagemaker_backend.create_model(
            model_name=request["ModelName"],
            execution_role_arn=request.get("ExecutionRoleArn"),
            primary_container=several[0] if is_one else None,
            vpc_config=request.get("VpcConfig"),
            containers=None if is_one else several,
            tags=request.get("Tags"),
        )
        # What was not given is not told.
        model.vpc_config = request.get("VpcConfig")
        if is_one:
            model.containers = None
        else:
            model.primary_container = None
        model.enable_network_isolation = request.get("EnableNetworkIsolation", False)
        return ActionResult({"ModelArn": model.arn})

    return create_model


def _of_package(container: dict[str, Any], make_client: MakeClient) -> dict[str, Any]:
    """Return a container with the image and the artifact of the model package that it names."""
    package_name = container.get("ModelPackageName")
    if package_name is None:
        return container
    try:
        package = make_client("sagemaker").describe_model_package(ModelPackageName=package_name)
    except ClientError as error:
        details = error.response["Error"]
        raise ServiceError(details["Code"], details["Message"]) from error
    (packaged, *_) = package.get("InferenceSpecification", {}).get("Containers", [{}])
    if not packaged:
        raise ServiceError(
            "ValidationException",
            f"Cannot create a model from the model package {package['ModelPackageArn']}, which "
            "has no InferenceSpecification.",
        )
    members = ("Image", "ModelDataUrl", "Environment")
    taken = {name: packaged[name] for name in members if name in packaged}
    return {**taken, **container}


def _created_model(make_client: MakeClient) -> Any:
    """Return how AWS::SageMaker::Model is created: as CreateModel does it."""

    def create(
        cls: type[Model],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> Model:
        given = {"ModelName": resource_name[-_NAME_LENGTH:].lstrip("-")}
        given |= cloudformation_json["Properties"]
        with resource_errors(cls.cloudformation_type()), client_errors():
            request = checked_request(given, "sagemaker", "CreateModel")
            make_client("sagemaker").create_model(**request)
        return sagemaker_backends[account_id][region_name]._models[request["ModelName"]]

    return classmethod(create)


def _containers(request: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    several = request.get("Containers", [])
    if bool(several) == ("PrimaryContainer" in request):
        raise ServiceError(
            "ValidationException", "Exactly one of PrimaryContainer and Containers must be given."
        )
    if several:
        return [(f"containers.{number}.member", one) for number, one in enumerate(several, 1)]
    return [("primaryContainer", request["PrimaryContainer"])]
