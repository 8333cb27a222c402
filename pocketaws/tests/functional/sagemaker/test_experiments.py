"""Experiments and trials have unique names, and jobs become components of their trials."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated.images import SKLEARN_URI, XGBOOST_URI
from emulated.roles import made_role
from pocketaws.runtime import LocalRuntime

ROLE_ARN = "arn:aws:iam::123456789012:role/jobs"
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
PREFIX = "arn:aws:sagemaker:us-east-1:123456789012"
SECONDS = 30


@pytest.fixture(scope="module")
def sagemaker(runtime: LocalRuntime) -> Any:
    made_role(runtime, "jobs")
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="experiments")
    rows = "".join(f"{number % 7},{number % 5},{number % 3}\n" for number in range(200))
    s3.put_object(Bucket="experiments", Key="train/rows.csv", Body=rows.encode())
    s3.put_object(Bucket="experiments", Key="code/good.py", Body=b"print('done')")
    s3.put_object(Bucket="experiments", Key="code/bad.py", Body=b"raise SystemExit(3)")
    return runtime.client("sagemaker")


@pytest.fixture
def experiment(sagemaker: Any) -> dict[str, str]:
    """An experiment and a trial of the test's own, as an ExperimentConfig names them."""
    config = {"ExperimentName": f"e-{uuid.uuid4()}", "TrialName": f"t-{uuid.uuid4()}"}
    sagemaker.create_experiment(ExperimentName=config["ExperimentName"])
    sagemaker.create_trial(**config)
    return config


def processing(script: str, **changes: Any) -> dict[str, Any]:
    code_dir = "/opt/ml/processing/input/code"
    source = {
        "S3Uri": "s3://experiments/code/",
        "LocalPath": code_dir,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {
        "ProcessingJobName": f"p-{uuid.uuid4()}",
        "RoleArn": ROLE_ARN,
        "AppSpecification": {
            "ImageUri": SKLEARN_URI,
            "ContainerEntrypoint": ["python3", f"{code_dir}/{script}"],
        },
        "ProcessingInputs": [{"InputName": "code", "S3Input": source}],
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        **changes,
    }


def training(**changes: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://experiments/train/"}
    return {
        "TrainingJobName": f"T-{uuid.uuid4()}",
        "RoleArn": ROLE_ARN,
        "AlgorithmSpecification": {
            "TrainingImage": XGBOOST_URI,
            "TrainingInputMode": "File",
        },
        "HyperParameters": {"num_round": "2", "objective": "reg:squarederror"},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": source},
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://experiments/out"},
        "ResourceConfig": CLUSTER,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **changes,
    }


@pytest.fixture
def run_job(runtime: LocalRuntime, sagemaker: Any) -> Callable[[dict[str, Any]], str]:
    """Run a job to its end and return the name of what it would be among trial components."""

    def run(request: dict[str, Any]) -> str:
        kind = "training" if "TrainingJobName" in request else "processing"
        getattr(sagemaker, f"create_{kind}_job")(**request)
        name = request[f"{kind.capitalize()}JobName"]
        (job,) = [job for job in runtime.jobs if job.name == name]
        assert job.ended.wait(SECONDS)
        return f"{name}-aws-{kind}-job"

    return run


def test_a_training_job_becomes_a_component_of_its_trial(
    sagemaker: Any, experiment: dict[str, str], run_job: Callable[[dict[str, Any]], str]
) -> None:
    config = {**experiment, "TrialComponentDisplayName": "Training"}
    name = run_job(training(ExperimentConfig=config))

    listed = sagemaker.list_trial_components(TrialName=experiment["TrialName"])
    (summary,) = listed["TrialComponentSummaries"]
    described = sagemaker.describe_trial_component(TrialComponentName=name)
    job_name = name.removesuffix("-aws-training-job")
    assert summary["TrialComponentName"] == described["TrialComponentName"] == name
    assert summary["DisplayName"] == described["DisplayName"] == "Training"
    assert summary["Status"]["PrimaryStatus"] == described["Status"]["PrimaryStatus"] == "Completed"
    assert described["Source"] == summary["TrialComponentSource"]
    assert described["Source"] == {
        "SourceArn": f"{PREFIX}:training-job/{job_name.lower()}",
        "SourceType": "SageMakerTrainingJob",
    }
    assert described["EndTime"] >= described["StartTime"]
    assert described["Parameters"]["num_round"] == {"NumberValue": 2.0}
    assert described["InputArtifacts"]["train"] == {"Value": "s3://experiments/train/"}
    assert described["OutputArtifacts"]["SageMaker.ModelArtifact"]["Value"].endswith(".tar.gz")
    (metric,) = [item for item in described["Metrics"] if item["MetricName"] == "train:rmse"]
    assert metric["Last"] > 0


@pytest.mark.parametrize(
    ("script", "status", "told"),
    [("good.py", "Completed", "Status: Completed"), ("bad.py", "Failed", "exit code: 3")],
)
def test_a_processing_jobs_component_says_how_it_ended(
    sagemaker: Any,
    experiment: dict[str, str],
    run_job: Callable[[dict[str, Any]], str],
    script: str,
    status: str,
    told: str,
) -> None:
    name = run_job(processing(script, ExperimentConfig=experiment))

    described = sagemaker.describe_trial_component(TrialComponentName=name)
    assert described["Status"]["PrimaryStatus"] == status
    assert told in described["Status"]["Message"]
    assert described["DisplayName"] == name
    assert described["Source"]["SourceType"] == "SageMakerProcessingJob"


def test_a_trial_is_made_where_only_the_experiment_is_named(
    sagemaker: Any, run_job: Callable[[dict[str, Any]], str]
) -> None:
    experiment_name = f"e-{uuid.uuid4()}"
    sagemaker.create_experiment(ExperimentName=experiment_name)
    name = run_job(processing("good.py", ExperimentConfig={"ExperimentName": experiment_name}))

    (trial,) = sagemaker.list_trials(ExperimentName=experiment_name)["TrialSummaries"]
    listed = sagemaker.list_trial_components(TrialName=trial["TrialName"])
    (summary,) = listed["TrialComponentSummaries"]
    assert summary["TrialComponentName"] == name


def test_a_job_without_experiment_config_leaves_no_component(
    sagemaker: Any, run_job: Callable[[dict[str, Any]], str]
) -> None:
    name = run_job(processing("good.py"))

    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.describe_trial_component(TrialComponentName=name)


@pytest.mark.parametrize("request_", [processing("good.py"), training()], ids=["p", "t"])
@pytest.mark.parametrize("missing", ["ExperimentName", "TrialName"])
def test_a_job_of_a_missing_experiment_or_trial_is_refused(
    runtime: LocalRuntime,
    sagemaker: Any,
    experiment: dict[str, str],
    request_: dict[str, Any],
    missing: str,
) -> None:
    jobs = len(runtime.jobs)
    kind = "training" if "TrainingJobName" in request_ else "processing"
    request = {**request_, "ExperimentConfig": {**experiment, missing: "none"}}

    with pytest.raises(ClientError) as refusal:
        getattr(sagemaker, f"create_{kind}_job")(**request)

    assert refusal.value.response["Error"]["Code"] == "ResourceNotFound"
    assert "/none' does not exist" in refusal.value.response["Error"]["Message"]
    assert len(runtime.jobs) == jobs


@pytest.mark.parametrize("kind", ["Experiment", "Trial"])
def test_names_are_unique(sagemaker: Any, experiment: dict[str, str], kind: str) -> None:
    request = experiment if kind == "Trial" else {"ExperimentName": experiment["ExperimentName"]}

    with pytest.raises(ClientError) as refusal:
        getattr(sagemaker, f"create_{kind.lower()}")(**request)

    told = refusal.value.response["Error"]
    assert told["Code"] == "ValidationException"
    assert f"{kind} names must be unique within an AWS account and region." in told["Message"]
    # What the SageMaker SDK looks for.
    assert "already exists" in told["Message"]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("create_trial", {"TrialName": "t", "ExperimentName": "none"}),
        ("describe_experiment", {"ExperimentName": "none"}),
        ("describe_trial", {"TrialName": "none"}),
        ("describe_trial_component", {"TrialComponentName": "none"}),
        ("list_trials", {"ExperimentName": "none"}),
        ("list_trial_components", {"TrialName": "none"}),
    ],
)
def test_what_does_not_exist_is_not_found(
    sagemaker: Any, operation: str, request_: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match=r"ResourceNotFound.*none' does not exist"):
        getattr(sagemaker, operation)(**request_)


def test_an_experiments_tags_and_display_name_are_kept(sagemaker: Any) -> None:
    name = f"e-{uuid.uuid4()}"
    tags = [{"Key": "stack", "Value": "shop"}]
    created = sagemaker.create_experiment(ExperimentName=name, DisplayName="Scale", Tags=tags)

    assert sagemaker.describe_experiment(ExperimentName=name)["DisplayName"] == "Scale"
    assert sagemaker.list_tags(ResourceArn=created["ExperimentArn"])["Tags"] == tags
