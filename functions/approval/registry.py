"""The model registry, the one source of truth about what was decided."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

PENDING: Final = "PendingManualApproval"
APPROVED: Final = "Approved"
REJECTED: Final = "Rejected"
DECISIONS: Final = (APPROVED, REJECTED)
_PACKAGE_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package/"
    r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}/[1-9][0-9]{0,8}"
)


@dataclass(frozen=True)
class ModelPackage:
    """A version of a group. `decided_by` is the ARN or profile that changed it last, if known."""

    arn: str
    group_name: str | None
    status: str
    description: str | None
    decided_by: str | None

    @property
    def is_decided(self) -> bool:
        """Whether it is approved or rejected, and does not wait for a person."""
        return self.status in DECISIONS


def is_package_arn(text: Any) -> bool:
    """Return whether a value is the ARN of a version of a group."""
    return isinstance(text, str) and _PACKAGE_ARN.fullmatch(text) is not None


def describe(model_package_arn: str, *, sagemaker: Any) -> ModelPackage | None:
    """Return what the registry says; None where it does not know the package.

    Raises:
        botocore.exceptions.ClientError: SageMaker refused for another reason.
    """
    try:
        found = sagemaker.describe_model_package(ModelPackageName=model_package_arn)
    except sagemaker.exceptions.ClientError as error:
        # "ModelPackage ... does not exist." has no code of its own.
        if error.response["Error"]["Code"] == "ValidationException":
            return None
        raise
    return ModelPackage(
        arn=model_package_arn,
        group_name=found.get("ModelPackageGroupName"),
        status=found.get("ModelApprovalStatus", PENDING),
        description=found.get("ApprovalDescription"),
        decided_by=_who(found.get("LastModifiedBy", {})),
    )


def decide(model_package_arn: str, status: str, description: str, *, sagemaker: Any) -> None:
    """Set the approval status, at which SageMaker raises the event that resumes the execution.

    Raises:
        botocore.exceptions.ClientError: SageMaker refused; nothing was decided.
    """
    sagemaker.update_model_package(
        ModelPackageArn=model_package_arn,
        ModelApprovalStatus=status,
        ApprovalDescription=description,
    )


def _who(last_modified_by: Mapping[str, Any]) -> str | None:
    identity = last_modified_by.get("IamIdentity") or {}
    return identity.get("Arn") or last_modified_by.get("UserProfileName")
