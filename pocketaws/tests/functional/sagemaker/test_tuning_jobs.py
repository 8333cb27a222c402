"""Tuning jobs, whose training jobs are real; training with a script; lists and Search."""

import uuid
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from emulated.training_jobs import bucket, definition, ended, script_definition
from pocketaws.runtime import LocalRuntime

OBJECTIVE = {"Type": "Minimize", "MetricName": "validation:rmse"}
SCRIPT = """
import argparse, json, os
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
arguments = parser.parse_args()
rows = open(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "data.csv")).read().splitlines()
with open(os.path.join(arguments.model_dir, "model.json"), "w") as file:
    json.dump({"depth": arguments.depth, "rows": len(rows)}, file)
open("/opt/ml/output/said", "w").close()
print(f"score={0.5 / arguments.depth};")
"""


@pytest.fixture
def sagemaker(runtime: LocalRuntime) -> Any:
    return runtime.client("sagemaker")


def tuned(runtime: LocalRuntime, config: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Run a tuning job of the built-in algorithm and return its description."""
    sagemaker, name = runtime.client("sagemaker"), f"tune-{uuid.uuid4().hex[:8]}"
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "HyperParameterTuningJobObjective": OBJECTIVE,
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 2},
            **config,
        },
        TrainingJobDefinition={
            "StaticHyperParameters": {"num_round": "5", "objective": "reg:squarederror"},
            **definition(runtime),
        },
        **more,
    )
    return ended(
        sagemaker.describe_hyper_parameter_tuning_job,
        "HyperParameterTuningJobStatus",
        HyperParameterTuningJobName=name,
    )


def test_the_better_of_two_known_settings_is_found(runtime: LocalRuntime, sagemaker: Any) -> None:
    # With a rate of nothing no round learns anything.
    ranges = {"CategoricalParameterRanges": [{"Name": "eta", "Values": ["0.00001", "0.5"]}]}

    described = tuned(
        runtime,
        {
            "Strategy": "Grid",
            "ParameterRanges": ranges,
            "ResourceLimits": {"MaxParallelTrainingJobs": 2},
        },
    )

    assert described["HyperParameterTuningJobStatus"] == "Completed"
    best = described["BestTrainingJob"]
    assert best["TunedHyperParameters"] == {"eta": "0.5"}
    assert described["TrainingJobStatusCounters"]["Completed"] == 2
    listed = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=described["HyperParameterTuningJobName"],
        SortBy="FinalObjectiveMetricValue",
        SortOrder="Ascending",
    )["TrainingJobSummaries"]
    assert [item["TunedHyperParameters"]["eta"] for item in listed] == ["0.5", "0.00001"]
    child = sagemaker.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert child["TuningJobArn"] == described["HyperParameterTuningJobArn"]
    assert child["HyperParameters"]["eta"] == "0.5"


@pytest.mark.parametrize("strategy", ["Random", "Bayesian"])
def test_values_come_from_their_ranges(
    runtime: LocalRuntime, sagemaker: Any, strategy: str
) -> None:
    if strategy == "Bayesian":
        pytest.importorskip("optuna")

    described = tuned(
        runtime,
        {
            "Strategy": strategy,
            "ParameterRanges": {
                "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "2", "MaxValue": "4"}],
                "ContinuousParameterRanges": [
                    {
                        "Name": "eta",
                        "MinValue": "0.01",
                        "MaxValue": "0.5",
                        "ScalingType": "Logarithmic",
                    }
                ],
            },
        },
    )

    listed = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=described["HyperParameterTuningJobName"]
    )["TrainingJobSummaries"]
    tried = [item["TunedHyperParameters"] for item in listed]
    values = [item["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for item in listed]
    best = described["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    assert len(tried) == 3
    assert all(2 <= int(one["max_depth"]) <= 4 for one in tried)
    assert all(0.01 <= float(one["eta"]) <= 0.5 for one in tried)
    assert best == min(values)


@pytest.mark.parametrize(
    ("config", "more", "words"),
    [
        ({"Strategy": "Hyperband"}, {}, "it knows Bayesian, Random, Grid"),
        (
            {"Strategy": "Random"},
            {
                "WarmStartConfig": {
                    "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "x"}],
                    "WarmStartType": "TransferLearning",
                }
            },
            "WarmStartConfig is not done by the local runtime",
        ),
    ],
)
def test_what_is_not_done_is_refused_in_words(
    runtime: LocalRuntime, config: dict[str, Any], more: dict[str, Any], words: str
) -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "eta", "Values": ["0.1"]}]}

    with pytest.raises(ClientError, match=words):
        tuned(runtime, {"ParameterRanges": ranges, **config}, **more)


def test_a_script_trains_on_the_scikit_learn_image_and_is_told_of(
    runtime: LocalRuntime, sagemaker: Any
) -> None:
    bucket(runtime)
    name = f"script-{uuid.uuid4().hex[:8]}"
    request = script_definition(runtime, SCRIPT)
    request["HyperParameters"]["depth"] = "4"
    request["AlgorithmSpecification"]["MetricDefinitions"] = [
        {"Name": "score", "Regex": "score=([0-9.]+);"}
    ]
    sagemaker.create_training_job(
        TrainingJobName=name, Tags=[{"Key": "team", "Value": name}], **request
    )

    described = ended(sagemaker.describe_training_job, "TrainingJobStatus", TrainingJobName=name)

    assert described["TrainingJobStatus"] == "Completed", described.get("FailureReason")
    (metric,) = described["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("score", 0.125)
    transitions = [item["Status"] for item in described["SecondaryStatusTransitions"]]
    assert transitions == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert described["BillableTimeInSeconds"] >= 1
    found = sagemaker.search(
        Resource="TrainingJob",
        SearchExpression={
            "Filters": [
                {"Name": "Tags.team", "Operator": "Equals", "Value": name},
                {"Name": "Metrics.score", "Operator": "LessThan", "Value": "0.2"},
            ]
        },
    )["Results"]
    assert [item["TrainingJob"]["TrainingJobName"] for item in found] == [name]


@pytest.mark.usefixtures("runtime")
def test_the_threads_of_jobs_that_run_at_once_do_not_spin_where_they_wait() -> None:
    children = [process.as_dict() for process in psutil.Process().children()]

    forked_from = [
        child for child in children if any("training" in arg for arg in child["cmdline"])
    ]
    policies = {process["environ"].get("OMP_WAIT_POLICY") for process in forked_from}
    assert policies == {"PASSIVE"}


def test_lists_are_sorted_filtered_and_paged(runtime: LocalRuntime, sagemaker: Any) -> None:
    bucket(runtime)
    word = uuid.uuid4().hex[:6]
    names = [f"{word}-{letter}" for letter in "bca"]
    for name in names:
        request = script_definition(runtime, "raise SystemExit(1)")
        sagemaker.create_training_job(TrainingJobName=name, **request)
        ended(sagemaker.describe_training_job, "TrainingJobStatus", TrainingJobName=name)

    asked = {"NameContains": word, "SortBy": "Name", "SortOrder": "Descending", "MaxResults": 2}
    first = sagemaker.list_training_jobs(**asked, StatusEquals="Failed")
    second = sagemaker.list_training_jobs(
        **asked, StatusEquals="Failed", NextToken=first["NextToken"]
    )
    none = sagemaker.list_training_jobs(**asked, StatusEquals="Completed")

    told = [item["TrainingJobName"] for item in first["TrainingJobSummaries"]]
    told += [item["TrainingJobName"] for item in second["TrainingJobSummaries"]]
    assert told == sorted(names, reverse=True)
    assert "NextToken" not in second
    assert none["TrainingJobSummaries"] == []
