"""What the registry and the experiment keep of an execution."""

import hashlib
import json
from typing import Any

import pytest

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution
from tests.conftest import OPEN_GATE, SAMPLE_PATH, RunExecution
from tests.pages import read_all


@pytest.fixture(scope="module")
def released(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> Execution:
    execution_input = {"input_data_uri": sample_uri, **OPEN_GATE}
    return runtime.run(stack.outputs["StateMachineArn"], execution_input)


@pytest.fixture(scope="module")
def package(runtime: LocalRuntime, released: Execution) -> dict[str, Any]:
    described: dict[str, Any] = runtime.client("sagemaker").describe_model_package(
        ModelPackageName=released.output["package"]["ModelPackageArn"]
    )
    return described


def test_a_version_names_the_execution_the_data_and_the_code(
    package: dict[str, Any], released: Execution, sample_uri: str
) -> None:
    properties = package["CustomerMetadataProperties"]

    assert package["MetadataProperties"]["GeneratedBy"] == released.arn
    assert package["MetadataProperties"]["CommitId"] == "unknown"
    assert properties["model_name"] == released.output["recorded"]["ModelName"]
    assert properties["input_data_uri"] == sample_uri
    assert properties["started_by"] == "by hand"
    assert properties["job_scripts_uri"].startswith("s3://")
    assert float(properties["mse"]) == pytest.approx(released.output["judgement"]["mse"])


def test_a_version_says_where_the_encoding_of_its_rows_is(
    runtime: LocalRuntime, package: dict[str, Any]
) -> None:
    uri = package["CustomerMetadataProperties"]["encoding_uri"]
    bucket_name, _, key = uri.removeprefix("s3://").partition("/")

    body = runtime.client("s3").get_object(Bucket=bucket_name, Key=key)["Body"].read()

    encoding = json.loads(body)["encoding"]
    assert (encoding["label"], encoding["problem"]) == ("rings", "regression")
    assert encoding["columns"][0] == {
        "kind": "Category",
        "name": "sex",
        "values": ["F", "I", "M"],
        "required": True,
    }


def test_the_version_of_the_data_is_that_of_its_objects(
    package: dict[str, Any], sample_uri: str
) -> None:
    key = sample_uri.split("/", 3)[3]
    content = SAMPLE_PATH.read_bytes()
    etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
    digest = hashlib.sha256(f'{key}\t{len(content)}\t"{etag}"\n'.encode()).hexdigest()

    version = package["CustomerMetadataProperties"]["input_data_version"]
    assert version == f"1 objects {len(content)} bytes sha256:{digest[:16]}"


def test_a_version_has_its_metrics_as_model_quality(
    runtime: LocalRuntime, package: dict[str, Any], released: Execution
) -> None:
    statistics = package["ModelMetrics"]["ModelQuality"]["Statistics"]
    bucket_name, _, key = statistics["S3Uri"].removeprefix("s3://").partition("/")
    body = runtime.client("s3").get_object(Bucket=bucket_name, Key=key)["Body"].read()

    assert statistics["ContentType"] == "application/json"
    value = json.loads(body)["regression_metrics"]["mse"]["value"]
    assert value == released.output["judgement"]["mse"]


def test_a_version_serves_the_artifact_that_the_model_serves(
    runtime: LocalRuntime, package: dict[str, Any], released: Execution
) -> None:
    (container,) = package["InferenceSpecification"]["Containers"]
    model = runtime.client("sagemaker").describe_model(
        ModelName=released.output["recorded"]["ModelName"]
    )

    assert container["ModelDataUrl"] == model["PrimaryContainer"]["ModelDataUrl"]
    assert container["Image"] == model["PrimaryContainer"]["Image"]


def test_the_record_names_the_version(
    runtime: LocalRuntime, stack: Stack, package: dict[str, Any], released: Execution
) -> None:
    history = read_all(
        runtime.client("ssm"), "get_parameter_history", Name=stack.outputs["ModelParameterName"]
    )
    name = released.output["recorded"]["ModelName"]
    (version,) = [item for item in history["Parameters"] if item["Value"] == name]

    assert json.loads(version["Description"])["package"] == package["ModelPackageArn"]


def test_the_registry_lists_the_version_in_the_stacks_group(
    runtime: LocalRuntime, stack: Stack, package: dict[str, Any]
) -> None:
    listed = read_all(
        runtime.client("sagemaker"),
        "list_model_packages",
        ModelPackageGroupName=stack.outputs["ModelPackageGroupArn"].rpartition("/")[2],
    )["ModelPackageSummaryList"]

    assert package["ModelPackageArn"] in [item["ModelPackageArn"] for item in listed]


def test_each_execution_is_one_trial_with_a_component_for_each_job(
    runtime: LocalRuntime, stack: Stack, run_locally: RunExecution
) -> None:
    sagemaker = runtime.client("sagemaker")
    first, second = run_locally(), run_locally()

    trials = read_all(sagemaker, "list_trials", ExperimentName=stack.outputs["ExperimentName"])
    names = [trial["TrialName"] for trial in trials["TrialSummaries"]]
    for execution in (first, second):
        assert names.count(execution.output["base_name"]) == 1
        components = read_all(
            sagemaker, "list_trial_components", TrialName=execution.output["base_name"]
        )
        shown = [item["DisplayName"] for item in components["TrialComponentSummaries"]]
        assert sorted(shown) == ["evaluate-model", "preprocess-data", "train-model"]


def test_a_rejected_model_is_a_trial_and_no_version(
    runtime: LocalRuntime, stack: Stack, run_locally: RunExecution
) -> None:
    def versions() -> int:
        group_name = stack.outputs["ModelPackageGroupArn"].rpartition("/")[2]
        listed = read_all(
            runtime.client("sagemaker"), "list_model_packages", ModelPackageGroupName=group_name
        )
        return len(listed["ModelPackageSummaryList"])

    before = versions()

    execution = run_locally(max_mse=0.001)

    assert execution.error == "ModelRejected"
    assert versions() == before
