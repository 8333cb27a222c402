"""SageMaker's model registry, which moto keeps too loosely: `model_registry.ModelRegistry`."""

import json
from collections.abc import Callable
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.models import sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from pocketaws.change import Change
from pocketaws.cloudformation.moto.template_resource import TemplateResource
from pocketaws.events.moto import events
from pocketaws.sagemaker.listing import page_of
from pocketaws.sagemaker.moto.lists import answer_page, listing
from pocketaws.sagemaker.moto.sagemaker_errors import check_container, sagemaker_errors
from pocketaws.sagemaker.registry.model_packages import ModelPackage
from pocketaws.sagemaker.registry.model_registry import ModelRegistry

Handler = Callable[[SageMakerResponse], ActionResult]


def changes(arn_prefix: str, s3: Any) -> list[Change]:
    """Return what to change in moto's SageMaker."""
    registry = ModelRegistry(arn_prefix=arn_prefix, tell=_raise_event)
    handlers = {
        "create_model_package_group": _create_group(registry),
        "describe_model_package_group": _describe_group(registry),
        "list_model_package_groups": listing(
            "ListModelPackageGroups",
            "ModelPackageGroup",
            lambda *_: (group.description() for group in registry.groups()),
        ),
        "create_model_package": _create(registry, s3),
        "describe_model_package": _describe(registry),
        "update_model_package": _update(registry, s3),
        "list_model_packages": _list(registry),
    }
    added = {
        "delete_model_package_group": _delete_group(registry),
        "delete_model_package": _delete(registry),
    }
    return [
        *(Change(SageMakerResponse, name, handler) for name, handler in handlers.items()),
        *(Change(SageMakerResponse, name, handler, adds=True) for name, handler in added.items()),
        Change(ModelPackageGroupResource, "registry", registry, adds=True),
    ]


def _raise_event(package: ModelPackage) -> None:
    events.raise_event(
        "SageMaker Model Package State Change",
        package.event_detail(),
        source="aws.sagemaker",
        resource_arn=package.arn,
    )


def _create_group(registry: ModelRegistry) -> Handler:
    def create_model_package_group(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            group = registry.create_group(json.loads(self.body))
        # moto's own record holds the tags.
        self.sagemaker_backend.create_model_package_group(
            group.name,
            group.request.get("ModelPackageGroupDescription"),
            group.request.get("Tags"),
        )
        return ActionResult({"ModelPackageGroupArn": group.arn})

    return create_model_package_group


def _describe_group(registry: ModelRegistry) -> Handler:
    def describe_model_package_group(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            group = registry.group(json.loads(self.body)["ModelPackageGroupName"])
        return ActionResult(group.description())

    return describe_model_package_group


def _delete_group(registry: ModelRegistry) -> Handler:
    def delete_model_package_group(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            registry.delete_group(json.loads(self.body)["ModelPackageGroupName"])
        return EmptyResult()

    return delete_model_package_group


def _create(registry: ModelRegistry, s3: Any) -> Handler:
    def create_model_package(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        with sagemaker_errors():
            _check_specification(request, s3)
            package = registry.create(request)
        return ActionResult({"ModelPackageArn": package.arn})

    return create_model_package


def _describe(registry: ModelRegistry) -> Handler:
    def describe_model_package(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            package = registry.package(json.loads(self.body)["ModelPackageName"])
        return ActionResult(package.description())

    return describe_model_package


def _update(registry: ModelRegistry, s3: Any) -> Handler:
    def update_model_package(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        with sagemaker_errors():
            _check_specification(request, s3)
            package = registry.update(request)
        return ActionResult({"ModelPackageArn": package.arn})

    return update_model_package


def _list(registry: ModelRegistry) -> Handler:
    def list_model_packages(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        with sagemaker_errors():
            found, token = page_of(registry.packages(request), request)
        summaries = [package.description() for package in found]
        return answer_page({"ModelPackageSummaryList": summaries}, token)

    return list_model_packages


def in_registry(resource: str) -> list[dict[str, Any]] | None:
    """Return what a Search looks through; None where it is for what is not in the registry.

    Args:
        resource: such as "ModelPackage".
    """
    registry = ModelPackageGroupResource.registry
    if resource == "ModelPackage":
        return [one.description() for one in registry.all_packages()]
    if resource == "ModelPackageGroup":
        return [one.description() for one in registry.groups()]
    return None


def _delete(registry: ModelRegistry) -> Handler:
    def delete_model_package(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            registry.delete(json.loads(self.body)["ModelPackageName"])
        return EmptyResult()

    return delete_model_package


def _check_specification(request: dict[str, Any], s3: Any) -> None:
    containers = request.get("InferenceSpecification", {}).get("Containers", [])
    for number, container in enumerate(containers, 1):
        member = f"inferenceSpecification.containers.{number}.member"
        check_container(member, container, s3)


class ModelPackageGroupResource(TemplateResource, CloudFormationModel):  # type: ignore[misc]
    """AWS::SageMaker::ModelPackageGroup; a Ref of it is its ARN.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-modelpackagegroup.html
    """

    TYPE = "AWS::SageMaker::ModelPackageGroup"
    NAMED_BY = "ModelPackageGroupName"
    ATTRIBUTES = ("ModelPackageGroupArn", "ModelPackageGroupStatus", "CreationTime")

    registry: ModelRegistry

    def __init__(self, arn: str) -> None:
        self.arn = arn

    @property
    def physical_resource_id(self) -> str:
        """What a Ref gives."""
        return self.arn

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what Fn::GetAtt gives."""
        return str(self.registry.group(self.arn).description()[attribute_name])

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "ModelPackageGroupResource":
        """Create the group."""
        properties = cloudformation_json["Properties"]
        request = {
            key: properties[key]
            for key in ("ModelPackageGroupName", "ModelPackageGroupDescription", "Tags")
            if key in properties
        }
        with sagemaker_errors():
            group = cls.registry.create_group({"ModelPackageGroupName": resource_name, **request})
        sagemaker_backends[account_id][region_name].create_model_package_group(
            group.name, request.get("ModelPackageGroupDescription"), request.get("Tags")
        )
        return cls(group.arn)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the group with its stack."""
        with sagemaker_errors():
            self.registry.delete_group(self.arn)
