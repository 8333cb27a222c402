"""What the model registry keeps: groups and packages, and how SageMaker describes them."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pocketaws.sagemaker.jobs.jobs import now
from pocketaws.service_models import operation_model
from pocketaws.shelf import ShelvedMapping


@dataclass
class ModelPackageGroup:
    """A group, and how many packages it has ever had: a deleted version's number stays unused."""

    name: str
    arn: str
    request: Mapping[str, Any]
    created: datetime.datetime = field(default_factory=now)
    versions: int = 0

    def description(self) -> dict[str, Any]:
        """Return what DescribeModelPackageGroup and the list of groups answer."""
        return {
            **self.request,
            "ModelPackageGroupArn": self.arn,
            "CreationTime": self.created,
            "CreatedBy": _caller(self.arn),
            "ModelPackageGroupStatus": "Completed",
        }


@dataclass(slots=True)
class ModelPackage:
    """A package.

    Attributes:
        version: in its group; None for one that is in no group.
        fields: of the Create call, with what updates have changed; each look reads all.
        modified: the last update, if there was one.
    """

    arn: str
    version: int | None
    fields: ShelvedMapping
    created: datetime.datetime = field(default_factory=now)
    modified: datetime.datetime | None = None

    @property
    def group_name(self) -> str | None:
        """The name of its group."""
        return self.fields.get("ModelPackageGroupName")

    @property
    def approval_status(self) -> str | None:
        """Approved, Rejected or PendingManualApproval; None for one that is in no group."""
        return self.fields.get("ModelApprovalStatus")

    def description(self) -> dict[str, Any]:
        """Return what DescribeModelPackage answers."""
        model = operation_model("sagemaker", "DescribeModelPackage")
        assert model is not None, "it is botocore's"  # noqa: S101
        fields = dict(self.fields)
        described = {key: fields[key] for key in model.output_shape.members.keys() & fields}
        described |= {
            "ModelPackageArn": self.arn,
            "CreationTime": self.created,
            "CreatedBy": _caller(self.arn),
            "CertifyForMarketplace": fields.get("CertifyForMarketplace", False),
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        }
        if self.version is not None:
            described["ModelPackageVersion"] = self.version
        if self.modified is not None:
            described |= {"LastModifiedTime": self.modified, "LastModifiedBy": _caller(self.arn)}
        return described

    def event_detail(self) -> dict[str, Any]:
        """Return the detail of the event that tells of its state, times as text.

        https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
        """
        detail = self.description()
        for key in ("CreatedBy", "LastModifiedBy"):
            detail.pop(key, None)
        detail["CreationTime"] = f"{self.created:%Y-%m-%dT%H:%M:%SZ}"
        detail["LastModifiedTime"] = f"{self.modified or self.created:%Y-%m-%dT%H:%M:%SZ}"
        return detail


def _caller(arn: str) -> dict[str, Any]:
    """Return the one caller that the emulator knows, in the account of what they made."""
    _, partition, _, _, account_id, _ = arn.split(":", 5)
    user = f"arn:{partition}:iam::{account_id}:user/local"
    return {"IamIdentity": {"Arn": user, "PrincipalId": "local"}}
