"""The model packages that an execution registered and did not release."""

from collections.abc import Iterator
from typing import Any, Final

from ending import Ending

_REJECTED: Final = "Rejected"


def withdraw(
    ending: Ending, *, group_name: str, parameter_name: str, sagemaker: Any, ssm: Any
) -> list[str]:
    """Reject the execution's packages whose model was never recorded; return their ARNs."""
    open_packages = list(_open_packages(ending, group_name=group_name, sagemaker=sagemaker))
    recorded = _recorded_names(parameter_name, ssm=ssm) if open_packages else set()
    withdrawn = []
    for package in open_packages:
        if package.get("CustomerMetadataProperties", {}).get("model_name") in recorded:
            continue
        sagemaker.update_model_package(
            ModelPackageArn=package["ModelPackageArn"],
            ModelApprovalStatus=_REJECTED,
            ApprovalDescription=f"the execution ended as {ending.error or ending.status}",
        )
        withdrawn.append(str(package["ModelPackageArn"]))
    return withdrawn


def _open_packages(ending: Ending, *, group_name: str, sagemaker: Any) -> Iterator[dict[str, Any]]:
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group_name, CreationTimeAfter=ending.started
    )
    for page in pages:
        for summary in page["ModelPackageSummaryList"]:
            if summary.get("ModelApprovalStatus") == _REJECTED:
                continue
            package = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
            if package.get("MetadataProperties", {}).get("GeneratedBy") == ending.execution_arn:
                yield package


def _recorded_names(parameter_name: str, *, ssm: Any) -> set[str]:
    pages = ssm.get_paginator("get_parameter_history").paginate(Name=parameter_name)
    try:
        return {version["Value"] for page in pages for version in page["Parameters"]}
    except ssm.exceptions.ParameterNotFound:
        return set()
