"""List calls of what is no job heed filters, order and pages; tags are of what there is."""

import datetime
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from emulated.images import XGBOOST_URI
from emulated.roles import made_role
from pocketaws.runtime import LocalRuntime

BUCKET: Final = "listed-models"
ARTIFACT_URI: Final = f"s3://{BUCKET}/model.tar.gz"
Make = Callable[[Any, str, str], None]


def model(sagemaker: Any, name: str, role_arn: str) -> None:
    container = {"Image": XGBOOST_URI, "ModelDataUrl": ARTIFACT_URI}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=role_arn, PrimaryContainer=container)


def config(sagemaker: Any, name: str, role_arn: str) -> None:
    model(sagemaker, name, role_arn)
    variant = {
        "VariantName": "all",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])


def group(sagemaker: Any, name: str, _: str) -> None:
    sagemaker.create_model_package_group(ModelPackageGroupName=name)


def experiment(sagemaker: Any, name: str, _: str) -> None:
    sagemaker.create_experiment(ExperimentName=name)


def trial(sagemaker: Any, name: str, _: str) -> None:
    sagemaker.create_experiment(ExperimentName=f"of-{name}")
    sagemaker.create_trial(TrialName=name, ExperimentName=f"of-{name}")


def component(sagemaker: Any, name: str, _: str) -> None:
    sagemaker.create_trial_component(TrialComponentName=name)


# The call, the member of its answer, what a name is called, and what comes first unasked.
LISTS: dict[str, tuple[str, str, Make, bool]] = {
    "list_models": ("Models", "ModelName", model, True),
    "list_endpoint_configs": ("EndpointConfigs", "EndpointConfigName", config, True),
    "list_model_package_groups": (
        "ModelPackageGroupSummaryList",
        "ModelPackageGroupName",
        group,
        False,
    ),
    "list_experiments": ("ExperimentSummaries", "ExperimentName", experiment, True),
    "list_trials": ("TrialSummaries", "TrialName", trial, True),
    "list_trial_components": ("TrialComponentSummaries", "TrialComponentName", component, True),
}


@pytest.fixture(scope="module")
def sagemaker(runtime: LocalRuntime) -> Any:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=b"")
    return runtime.client("sagemaker")


@pytest.fixture(scope="module")
def role_arn(runtime: LocalRuntime) -> str:
    return made_role(runtime, "lists")


@pytest.mark.parametrize("call", LISTS)
def test_a_list_heeds_order_times_and_pages(sagemaker: Any, role_arn: str, call: str) -> None:
    member, name_member, make, newest_first = LISTS[call]
    created = "Created" if call.rpartition("_")[2] in _BY_CREATED else "CreationTime"
    since = datetime.datetime.now(tz=datetime.UTC)
    unique = uuid.uuid4().hex[:8]
    names = [f"{letter}-{unique}" for letter in "bca"]
    for name in names:
        make(sagemaker, name, role_arn)
        # Times are told in milliseconds.
        time.sleep(0.002)

    def listed(**asked: Any) -> list[str]:
        pages = sagemaker.get_paginator(call).paginate(
            **{f"{created}After": since}, PaginationConfig={"PageSize": 2}, **asked
        )
        return [item[name_member] for page in pages for item in page[member]]

    assert listed() == (names[::-1] if newest_first else names)
    assert listed(SortOrder="Ascending") == names
    assert listed(SortBy="Name", SortOrder="Descending") == sorted(names, reverse=True)
    assert listed(**{f"{created}Before": since}) == []
    if created == "CreationTime":
        assert listed(NameContains=f"C-{unique}".upper()) == [f"c-{unique}"]
    with pytest.raises(ClientError, match="Invalid NextToken"):
        getattr(sagemaker, call)(NextToken="none")


_BY_CREATED: Final = ("experiments", "trials", "components")


def test_trials_and_components_are_those_of_what_is_named(sagemaker: Any) -> None:
    name = f"named-{uuid.uuid4().hex[:8]}"
    trial(sagemaker, name, "")
    component(sagemaker, f"{name}-in", "")
    component(sagemaker, f"{name}-out", "")
    sagemaker.associate_trial_component(TrialName=name, TrialComponentName=f"{name}-in")

    of_experiment = sagemaker.list_trial_components(ExperimentName=f"of-{name}")
    of_component = sagemaker.list_trials(TrialComponentName=f"{name}-in")

    (found,) = of_experiment["TrialComponentSummaries"]
    assert found["TrialComponentName"] == f"{name}-in"
    assert [item["TrialName"] for item in of_component["TrialSummaries"]] == [name]


def test_what_something_belongs_to_is_not_deleted(sagemaker: Any) -> None:
    name = f"kept-{uuid.uuid4().hex[:8]}"
    trial(sagemaker, name, "")
    component(sagemaker, name, "")
    both = {"TrialName": name, "TrialComponentName": name}
    sagemaker.associate_trial_component(**both)
    experiment_name = {"ExperimentName": f"of-{name}"}

    for call, named in (
        (sagemaker.delete_experiment, experiment_name),
        (sagemaker.delete_trial, {"TrialName": name}),
        (sagemaker.delete_trial_component, {"TrialComponentName": name}),
    ):
        with pytest.raises(ClientError, match="cannot be deleted while"):
            call(**named)

    sagemaker.disassociate_trial_component(**both)
    sagemaker.delete_trial_component(TrialComponentName=name)
    sagemaker.delete_trial(TrialName=name)
    assert sagemaker.delete_experiment(**experiment_name)["ExperimentArn"].endswith(f"of-{name}")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.delete_experiment(**experiment_name)


def test_tags_are_of_what_there_is_and_each_key_is_there_once(
    sagemaker: Any, role_arn: str
) -> None:
    name = f"Tagged-{uuid.uuid4().hex[:8]}"
    model(sagemaker, name, role_arn)
    arn = sagemaker.describe_model(ModelName=name)["ModelArn"]

    def tags(count: int) -> list[dict[str, str]]:
        return [{"Key": f"k{number}", "Value": "v"} for number in range(count)]

    sagemaker.add_tags(ResourceArn=arn, Tags=tags(49))
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "k0", "Value": "w"}])
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "last", "Value": "v"}])
    with pytest.raises(sagemaker.exceptions.ResourceLimitExceeded):
        sagemaker.add_tags(ResourceArn=arn, Tags=tags(50)[-1:])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["last"])

    kept = sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert (len(kept), kept[0]) == (49, {"Key": "k0", "Value": "w"})
    gone = arn.rpartition("/")[0] + "/none"
    for call, more in (
        (sagemaker.list_tags, {}),
        (sagemaker.add_tags, {"Tags": tags(1)}),
        (sagemaker.delete_tags, {"TagKeys": ["k"]}),
    ):
        with pytest.raises(ClientError, match="Could not find resource"):
            call(ResourceArn=gone, **more)


def test_a_model_needs_a_role_that_is_there_and_a_package_that_says_how_it_is_served(
    sagemaker: Any, role_arn: str
) -> None:
    name = f"bare-{uuid.uuid4().hex[:8]}"
    group(sagemaker, name, "")
    package = sagemaker.create_model_package(ModelPackageGroupName=name)["ModelPackageArn"]

    with pytest.raises(ClientError, match="Could not assume role"):
        model(sagemaker, name, f"{role_arn}-of-nobody")
    with pytest.raises(ClientError, match="has no InferenceSpecification"):
        sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=role_arn, Containers=[{"ModelPackageName": package}]
        )
