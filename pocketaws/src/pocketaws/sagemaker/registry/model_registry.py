"""SageMaker's model registry: groups, numbered model packages and their approval.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html
"""

import datetime
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from pocketaws.errors import ServiceError
from pocketaws.sagemaker.jobs.jobs import now
from pocketaws.sagemaker.registry.model_packages import ModelPackage, ModelPackageGroup
from pocketaws.shelf import ShelvedMapping

_NOT_SAID: Final = "PendingManualApproval"
# What UpdateModelPackage takes over as it comes; the rest is merged or identifies.
_REPLACED: Final = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
)


class ModelRegistry:
    """All groups and packages of one account and region.

    Args:
        arn_prefix: of what SageMaker keeps, up to the account.
        tell: told of each package that is new or whose approval status has changed.
    """

    def __init__(self, *, arn_prefix: str, tell: Callable[[ModelPackage], None]) -> None:
        self._arn_prefix = arn_prefix
        self._tell = tell
        self._groups: dict[str, ModelPackageGroup] = {}
        self._packages: dict[str, ModelPackage] = {}
        self._arns_by_token: dict[str, str] = {}
        self._lock = threading.Lock()

    def create_group(self, request: Mapping[str, Any]) -> ModelPackageGroup:
        """Create a group.

        Raises:
            ServiceError: its name is taken.
        """
        name = request["ModelPackageGroupName"]
        group = ModelPackageGroup(name, self._group_arn(name), request)
        with self._lock:
            if name in self._groups:
                raise _refusal(f"Model Package Group already exists: {group.arn}")
            self._groups[name] = group
        return group

    def group(self, name_or_arn: str) -> ModelPackageGroup:
        """Return a group.

        Raises:
            ServiceError: there is none.
        """
        name = name_or_arn.rpartition("/")[2]
        if name not in self._groups:
            raise _refusal(f"ModelPackageGroup {self._group_arn(name)} does not exist.")
        return self._groups[name]

    def groups(self) -> list[ModelPackageGroup]:
        """Return every group, oldest first."""
        return list(self._groups.values())

    def delete_group(self, name_or_arn: str) -> None:
        """Delete an empty group.

        Raises:
            ServiceError: there is none, or packages are in it.
        """
        group = self.group(name_or_arn)
        with self._lock:
            if any(package.group_name == group.name for package in self._packages.values()):
                raise ServiceError(
                    "ConflictException",
                    f"Model Package Group {group.arn} cannot be deleted since it contains "
                    "model packages",
                )
            self._groups.pop(group.name, None)

    def create(self, request: Mapping[str, Any]) -> ModelPackage:
        """Create a package, or return the one that a call with the same ClientToken created.

        Raises:
            ServiceError: as SageMaker refuses it.
        """
        with self._lock:
            earlier = self._arns_by_token.get(request.get("ClientToken", ""))
            if earlier in self._packages:
                return self._packages[earlier]
            package = self._made(request)
            self._packages[package.arn] = package
            if "ClientToken" in request:
                self._arns_by_token[request["ClientToken"]] = package.arn
        self._tell(package)
        return package

    def package(self, name_or_arn: str) -> ModelPackage:
        """Return a package by its ARN or, where it is in no group, its name.

        Raises:
            ServiceError: there is none.
        """
        arn = name_or_arn
        if not arn.startswith("arn:"):
            arn = f"{self._arn_prefix}:model-package/{name_or_arn.lower()}"
        if arn not in self._packages:
            raise _refusal(f"ModelPackage {arn} does not exist.")
        return self._packages[arn]

    def update(self, request: Mapping[str, Any]) -> ModelPackage:
        """Change what the request names of a package; the rest stays as it is.

        Raises:
            ServiceError: there is none.
        """
        package = self.package(request["ModelPackageArn"])
        with self._lock:
            before = package.approval_status
            fields = dict(package.fields)
            fields |= {key: request[key] for key in _REPLACED if key in request}
            package.fields = ShelvedMapping({**fields, **_merged(fields, request)})
            package.modified = now()
            changed = package.approval_status != before
        if changed:
            self._tell(package)
        return package

    def delete(self, name_or_arn: str) -> None:
        """Delete a package.

        Raises:
            ServiceError: there is none.
        """
        self._packages.pop(self.package(name_or_arn).arn)

    def all_packages(self) -> list[ModelPackage]:
        """Return every package, oldest first."""
        return list(self._packages.values())

    def packages(self, request: Mapping[str, Any]) -> list[ModelPackage]:
        """Return the packages that a ListModelPackages call asks for, in its order.

        Raises:
            ServiceError: the group that it names does not exist.
        """
        group_name = request.get("ModelPackageGroupName")
        if group_name is not None:
            group_name = self.group(group_name).name
        kind = "Versioned" if group_name else request.get("ModelPackageType", "Unversioned")
        wanted = [
            package
            for package in self._packages.values()
            if group_name in (None, package.group_name)
            and kind in ("Both", "Unversioned" if package.version is None else "Versioned")
            and request.get("ModelApprovalStatus") in (None, package.approval_status)
            and request.get("NameContains", "").lower() in package.arn.partition("/")[2]
            and _is_between(package.created, request)
        ]
        if request.get("SortBy") == "Name":
            wanted.sort(key=lambda package: package.arn)
        return wanted[::-1] if request.get("SortOrder") == "Descending" else wanted

    def _made(self, request: Mapping[str, Any]) -> ModelPackage:
        name, group_name = (
            request.get("ModelPackageName"),
            request.get("ModelPackageGroupName"),
        )
        if name and group_name:
            raise _refusal(
                "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
                "Cannot determine which one to use."
            )
        if group_name:
            return self._next_version(group_name, request)
        if not name:
            raise _refusal("Missing ARN.")
        arn = f"{self._arn_prefix}:model-package/{name.lower()}"
        if arn in self._packages:
            raise _refusal(f"Model Package already exists: {arn}")
        return ModelPackage(arn, None, ShelvedMapping(request))

    def _next_version(self, group_name: str, request: Mapping[str, Any]) -> ModelPackage:
        group = self._groups.get(group_name.rpartition("/")[2])
        if group is None:
            raise _refusal("Model Package Group does not exist.")
        group.versions += 1
        arn = f"{self._arn_prefix}:model-package/{group.name.lower()}/{group.versions}"
        fields = {"ModelApprovalStatus": _NOT_SAID, **request, "ModelPackageGroupName": group.name}
        return ModelPackage(arn, group.versions, ShelvedMapping(fields))

    def _group_arn(self, name: str) -> str:
        return f"{self._arn_prefix}:model-package-group/{name.lower()}"


def _merged(fields: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that an update adds to and takes from."""
    found: dict[str, Any] = {}
    metadata = dict(fields.get("CustomerMetadataProperties", {}))
    metadata |= request.get("CustomerMetadataProperties", {})
    for key in request.get("CustomerMetadataPropertiesToRemove", []):
        metadata.pop(key, None)
    if metadata or "CustomerMetadataProperties" in fields:
        found["CustomerMetadataProperties"] = metadata
    added = request.get("AdditionalInferenceSpecificationsToAdd")
    if added:
        before = fields.get("AdditionalInferenceSpecifications", [])
        found["AdditionalInferenceSpecifications"] = [*before, *added]
    return found


def _is_between(time: datetime.datetime, request: Mapping[str, Any]) -> bool:
    after, before = request.get("CreationTimeAfter"), request.get("CreationTimeBefore")
    seconds = time.timestamp()
    return (after is None or seconds > after) and (before is None or seconds < before)


def _refusal(text: str) -> ServiceError:
    return ServiceError("ValidationException", text)
