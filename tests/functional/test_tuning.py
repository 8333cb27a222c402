"""An execution that searches for hyperparameters: the best found are trained with, and told."""

from typing import Any

import pytest

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution
from tests.conftest import OPEN_GATE
from tests.pages import read_all

# So few and short trainings that the larger step is the better one.
SEARCH = {"ranges": {"eta": [0.001, 0.6]}, "max_jobs": 2, "strategy": "Bayesian"}


@pytest.fixture(scope="module")
def tuned(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> Execution:
    return runtime.run(
        stack.outputs["StateMachineArn"],
        {
            "input_data_uri": sample_uri,
            **OPEN_GATE,
            "hyperparameters": {"num_round": 3},
            "tuning": SEARCH,
            "training_use_spot": True,
            "tags": {"team": "pricing"},
        },
    )


@pytest.fixture(scope="module")
def tuning_job(runtime: LocalRuntime, tuned: Execution) -> dict[str, Any]:
    assert tuned.status == "SUCCEEDED", tuned.cause
    return dict(
        runtime.client("sagemaker").describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=tuned.output["tuning"]["best"]["job_name"]
        )
    )


def test_the_better_of_two_settings_is_trained_with_and_released(
    runtime: LocalRuntime, tuned: Execution, tuning_job: dict[str, Any]
) -> None:
    sagemaker = runtime.client("sagemaker")
    trials = read_all(
        sagemaker,
        "list_training_jobs_for_hyper_parameter_tuning_job",
        HyperParameterTuningJobName=tuning_job["HyperParameterTuningJobName"],
    )["TrainingJobSummaries"]
    etas = sorted(float(trial["TunedHyperParameters"]["eta"]) for trial in trials)

    trained = sagemaker.describe_training_job(
        TrainingJobName=tuned.output["training_job"]["TrainingJobName"]
    )["HyperParameters"]
    assert len(etas) == 2
    assert etas[0] < etas[1]
    assert float(trained["eta"]) == etas[1]
    assert trained["num_round"] == "3"
    # Its own training says what the search's best said.
    metrics = {
        item["MetricName"]: item["Value"]
        for item in tuned.output["training_job"]["FinalMetricDataList"]
    }
    assert metrics["validation:rmse"] == pytest.approx(tuned.output["tuning"]["best"]["value"])


def test_the_search_runs_as_the_training_does(tuning_job: dict[str, Any], tuned: Execution) -> None:
    definition = tuning_job["TrainingJobDefinition"]

    assert definition["EnableNetworkIsolation"] is True
    assert definition["EnableInterContainerTrafficEncryption"] is True
    assert definition["EnableManagedSpotTraining"] is True
    assert "MaxWaitTimeInSeconds" in definition["StoppingCondition"]
    assert "/preprocessing/" in definition["OutputDataConfig"]["S3OutputPath"]
    assert "eta" not in definition["StaticHyperParameters"]
    assert tuned.output["training"]["hyperparameters"] == definition["StaticHyperParameters"]


def test_what_was_found_is_told_and_kept_with_the_version(
    runtime: LocalRuntime, tuned: Execution
) -> None:
    best = tuned.output["tuning"]["best"]
    told = next(item.text for item in runtime.messages() if tuned.arn in item.text)
    package = runtime.client("sagemaker").describe_model_package(
        ModelPackageName=tuned.output["package"]["ModelPackageArn"]
    )

    assert f"Tuned: eta {best['hyperparameters']['eta']}; the best by validation:rmse" in told
    assert package["CustomerMetadataProperties"]["tuning_job"] == best["job_name"]
