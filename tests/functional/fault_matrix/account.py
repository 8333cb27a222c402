"""What an execution may change and what it must leave: the parameter, the registry, the bucket."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from tests.pages import read_all

_REPORTS: Final = "reports/"
# Below these an execution has a folder of its own, which begins with its name.
_OWN_PREFIXES: Final = ("batch/", "preprocessing/", "training/", "evaluation/")


@dataclass(frozen=True)
class Version:
    """A version of the parameter; the description holds the execution that wrote it."""

    number: int
    value: str
    description: str


@dataclass(frozen=True)
class Account:
    """How the account stands.

    Attributes:
        versions: of the parameter, oldest first.
        approved: the execution by the ARN of each approved model package.
        objects: the ETag by key, of the stack's bucket.
    """

    versions: tuple[Version, ...]
    approved: Mapping[str, str]
    objects: Mapping[str, str]

    def strangers(self, before: "Account", *, execution_names: list[str]) -> list[str]:
        """Return what has changed since then that no execution may change."""
        found = [
            f"object {key} was changed or deleted"
            for key, etag in before.objects.items()
            if self.objects.get(key) != etag
        ]
        found += [
            f"object {key} belongs to no execution"
            for key in self.objects.keys() - before.objects.keys()
            if not _is_own(key, execution_names)
        ]
        if self.versions[: len(before.versions)] != before.versions:
            found.append("the parameter's history was rewritten")
        return found

    def written_by(self, before: "Account", execution_arn: str) -> list[Version]:
        """Return the versions of the parameter that an execution has added since then."""
        added = self.versions[len(before.versions) :]
        return [version for version in added if execution_arn in version.description]

    def approved_for(self, before: "Account", execution_arn: str) -> list[str]:
        """Return the packages of an execution that are approved and were not then."""
        return [
            package
            for package, execution in self.approved.items()
            if execution == execution_arn and package not in before.approved
        ]


def _is_own(key: str, execution_names: list[str]) -> bool:
    # A report is written after its execution's end, by a function: of what ended before, too.
    return key.startswith(_REPORTS) or any(
        key.startswith(f"{prefix}{name}-") for prefix in _OWN_PREFIXES for name in execution_names
    )


def account(runtime: LocalRuntime, stack: Stack) -> Account:
    """Return how a stack's account stands now."""
    return Account(
        versions=tuple(_versions(runtime.client("ssm"), stack.outputs["ModelParameterName"])),
        approved=dict(_approved(runtime.client("sagemaker"))),
        objects=dict(_objects(runtime.client("s3"), stack.outputs["BucketName"])),
    )


def _versions(ssm: Any, name: str) -> Iterator[Version]:
    found = read_all(ssm, "get_parameter_history", Name=name)["Parameters"]
    for version in sorted(found, key=lambda item: int(item["Version"])):
        yield Version(version["Version"], version["Value"], version.get("Description", ""))


def _approved(sagemaker: Any) -> Iterator[tuple[str, str]]:
    for group in read_all(sagemaker, "list_model_package_groups")["ModelPackageGroupSummaryList"]:
        listed = read_all(
            sagemaker,
            "list_model_packages",
            ModelPackageGroupName=group["ModelPackageGroupName"],
            ModelApprovalStatus="Approved",
        )
        for package in listed["ModelPackageSummaryList"]:
            arn = package["ModelPackageArn"]
            described = sagemaker.describe_model_package(ModelPackageName=arn)
            yield arn, described.get("MetadataProperties", {}).get("GeneratedBy", "")


def _objects(s3: Any, bucket_name: str) -> Iterator[tuple[str, str]]:
    for item in read_all(s3, "list_objects_v2", Bucket=bucket_name).get("Contents", []):
        yield item["Key"], item["ETag"]
