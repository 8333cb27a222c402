"""The model registry keeps what SageMaker's keeps, refuses what it refuses, and tells of it."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated.images import REGISTRY, XGBOOST_URI
from emulated.served import Served, deployed
from emulated.waiting import eventually
from pocketaws.runtime import LocalRuntime

ARTIFACT_URI = "s3://registry-models/model.tar.gz"
SPECIFICATION: dict[str, Any] = {
    "Containers": [{"Image": XGBOOST_URI, "ModelDataUrl": ARTIFACT_URI}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}
SAID: dict[str, Any] = {
    "ModelPackageDescription": "of the scale",
    "ModelApprovalStatus": "PendingManualApproval",
    "InferenceSpecification": SPECIFICATION,
    "ModelMetrics": {
        "ModelQuality": {
            "Statistics": {
                "ContentType": "application/json",
                "S3Uri": "s3://registry-models/m.json",
            }
        }
    },
    "CustomerMetadataProperties": {"execution": "monday", "mse": "4.8"},
    "MetadataProperties": {"GeneratedBy": "arn:aws:states:us-east-1:123456789012:execution:a:b"},
}


@pytest.fixture(scope="module")
def served(runtime: LocalRuntime) -> Served:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="registry-models")
    s3.put_object(Bucket="registry-models", Key="model.tar.gz", Body=b"")
    return deployed(runtime, "registry")


@pytest.fixture
def sagemaker(served: Served) -> Any:
    return served.runtime.client("sagemaker")


@pytest.fixture
def group(sagemaker: Any) -> str:
    """A group of the test's own."""
    name = f"Scale-{uuid.uuid4()}"
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return name


@pytest.fixture
def register(sagemaker: Any, group: str) -> Callable[..., str]:
    def create(**changes: Any) -> str:
        created = sagemaker.create_model_package(
            **{"ModelPackageGroupName": group, **SAID, **changes}
        )
        return str(created["ModelPackageArn"])

    return create


def test_what_a_package_was_created_with_comes_back(
    sagemaker: Any, group: str, register: Callable[..., str]
) -> None:
    arn = register()

    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert {key: described[key] for key in SAID} == SAID
    assert described["ModelPackageGroupName"] == group
    assert described["ModelPackageVersion"] == 1
    assert described["ModelPackageStatus"] == "Completed"
    assert "LastModifiedTime" not in described


def test_versions_are_counted_in_each_group_and_not_used_again(
    sagemaker: Any, group: str, register: Callable[..., str]
) -> None:
    arns = [register(), register()]
    sagemaker.delete_model_package(ModelPackageName=arns[1])
    arns.append(register())

    prefix = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{group.lower()}"
    assert arns == [f"{prefix}/1", f"{prefix}/2", f"{prefix}/3"]


def test_the_same_client_token_creates_one_package(
    sagemaker: Any, group: str, register: Callable[..., str]
) -> None:
    token = str(uuid.uuid4())

    first, again, other = register(ClientToken=token), register(ClientToken=token), register()

    assert first == again
    assert other != first
    listed = sagemaker.list_model_packages(ModelPackageGroupName=group)
    assert len(listed["ModelPackageSummaryList"]) == 2


def test_packages_and_groups_are_found_by_a_search(
    sagemaker: Any, group: str, register: Callable[..., str]
) -> None:
    arns = [register(), register(ModelApprovalStatus="Approved")]
    of_group = {"Name": "ModelPackageGroupName", "Value": group}
    approved = {"Name": "ModelApprovalStatus", "Value": "Approved"}

    def found(resource: str, *filters: dict[str, str]) -> list[str]:
        answer = sagemaker.search(
            Resource=resource, SearchExpression={"Filters": list(filters)}, SortOrder="Ascending"
        )
        return [item[resource][f"{resource}Arn"] for item in answer["Results"]]

    assert found("ModelPackage", of_group) == arns
    assert found("ModelPackage", of_group, approved) == arns[1:]
    assert [arn.rpartition("/")[2] for arn in found("ModelPackageGroup", of_group)] == [
        group.lower()
    ]


def test_an_approval_changes_what_it_names_and_nothing_else(
    sagemaker: Any, register: Callable[..., str]
) -> None:
    arn = register()
    sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="looked at it"
    )
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"seen": "yes"},
        CustomerMetadataPropertiesToRemove=["mse"],
    )

    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["ApprovalDescription"] == "looked at it"
    assert described["CustomerMetadataProperties"] == {"execution": "monday", "seen": "yes"}
    assert described["InferenceSpecification"] == SPECIFICATION
    assert described["ModelMetrics"] == SAID["ModelMetrics"]
    assert described["LastModifiedTime"] >= described["CreationTime"]
    assert described["LastModifiedBy"]["IamIdentity"]["Arn"].startswith("arn:aws:iam:")


def test_a_group_lists_its_packages_by_status_in_order(
    sagemaker: Any, group: str, register: Callable[..., str]
) -> None:
    arns = [register(ModelApprovalStatus=status) for status in ("Approved", "Rejected", "Approved")]

    def listed(**asked: Any) -> list[str]:
        found = sagemaker.list_model_packages(ModelPackageGroupName=group, **asked)
        return [item["ModelPackageArn"] for item in found["ModelPackageSummaryList"]]

    assert listed() == arns
    assert listed(ModelApprovalStatus="Approved") == [arns[0], arns[2]]
    assert listed(SortBy="CreationTime", SortOrder="Descending", MaxResults=1) == [arns[2]]
    assert listed(ModelApprovalStatus="PendingManualApproval") == []


def test_a_long_list_comes_in_pages(
    sagemaker: Any, group: str, register: Callable[..., str]
) -> None:
    arns = [register() for _ in range(5)]
    pages = list(
        sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group, PaginationConfig={"PageSize": 2}
        )
    )

    assert [len(page["ModelPackageSummaryList"]) for page in pages] == [2, 2, 1]
    found = [item["ModelPackageArn"] for page in pages for item in page["ModelPackageSummaryList"]]
    assert found == arns


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (
        "create_model_package",
        {**SAID, "ModelPackageGroupName": "none"},
        "Model Package Group does not exist",
    ),
    ("create_model_package", SAID, "Missing ARN"),
    (
        "create_model_package",
        {**SAID, "ModelPackageGroupName": "a", "ModelPackageName": "b"},
        "Cannot determine which one to use",
    ),
    (
        "create_model_package",
        {"ModelPackageGroupName": "registry-models", "ModelApprovalStatus": "Fine"},
        "Member must satisfy enum value set",
    ),
    (
        "create_model_package",
        {
            "ModelPackageGroupName": "registry-models",
            "InferenceSpecification": {"Containers": [{"Image": f"{REGISTRY}/mine:1"}]},
        },
        "'inferenceSpecification.containers.1.member.image'",
    ),
    (
        "create_model_package",
        {
            "ModelPackageGroupName": "registry-models",
            "InferenceSpecification": {
                "Containers": [{**SPECIFICATION["Containers"][0], "ModelDataUrl": "s3://a/b"}]
            },
        },
        "Could not find model data at s3://a/b",
    ),
    ("create_model_package_group", {"ModelPackageGroupName": "registry-models"}, "already exists"),
    ("describe_model_package_group", {"ModelPackageGroupName": "none"}, "none does not exist"),
    ("list_model_packages", {"ModelPackageGroupName": "none"}, "none does not exist"),
    ("describe_model_package", {"ModelPackageName": "none"}, "model-package/none does not exist"),
    (
        "update_model_package",
        {
            "ModelPackageArn": "arn:aws:sagemaker:us-east-1:123456789012:model-package/none/1",
            "ModelApprovalStatus": "Approved",
        },
        "model-package/none/1 does not exist",
    ),
]


@pytest.mark.parametrize(("operation", "request_", "told"), REFUSED)
def test_the_registry_refuses_what_sagemaker_refuses(
    sagemaker: Any, operation: str, request_: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError) as refusal:
        getattr(sagemaker, operation)(**request_)

    assert refusal.value.response["Error"]["Code"] == "ValidationException"
    assert told in refusal.value.response["Error"]["Message"]


def test_a_group_with_packages_is_not_deleted(
    sagemaker: Any, group: str, register: Callable[..., str]
) -> None:
    arn = register()
    with pytest.raises(ClientError, match="ConflictException"):
        sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=group)

    with pytest.raises(ClientError, match="does not exist"):
        sagemaker.describe_model_package_group(ModelPackageGroupName=group)


def test_the_stacks_group_has_its_arn_and_tags(served: Served, sagemaker: Any) -> None:
    outputs = served.stack.outputs

    described = sagemaker.describe_model_package_group(ModelPackageGroupName=outputs["GroupName"])
    assert described["ModelPackageGroupDescription"] == "What the shop's scale has learned"
    assert outputs["GroupRef"] == outputs["GroupArn"] == described["ModelPackageGroupArn"]
    tags = sagemaker.list_tags(ResourceArn=outputs["GroupArn"])["Tags"]
    assert {"Key": "shop", "Value": "corner"} in tags


def test_registering_and_deciding_raise_an_event_each(served: Served, sagemaker: Any) -> None:
    group_name = served.stack.outputs["GroupName"]
    created = sagemaker.create_model_package(ModelPackageGroupName=group_name, **SAID)
    arn, version = created["ModelPackageArn"], created["ModelPackageArn"].rpartition("/")[2]
    note = f"{group_name}-{version}"

    def statuses() -> set[str]:
        return {event["detail"]["ModelApprovalStatus"] for event in served.notes(note)}

    assert eventually(lambda: statuses() == {"PendingManualApproval"})
    # Twice the same: the second changes nothing, and so there is nothing to tell.
    for _ in range(2):
        sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Rejected")
    assert eventually(lambda: statuses() == {"PendingManualApproval", "Rejected"})

    events = served.notes(note)
    assert len(events) == 2
    event = next(event for event in events if event["detail"]["ModelApprovalStatus"] == "Rejected")
    assert event["source"] == "aws.sagemaker"
    assert event["detail-type"] == "SageMaker Model Package State Change"
    assert event["resources"] == [arn]
    assert event["detail"]["ModelPackageArn"] == arn
    assert event["detail"]["ModelPackageVersion"] == int(version)
    assert event["detail"]["InferenceSpecification"] == SPECIFICATION
    assert event["detail"]["CreationTime"].endswith("Z")
