"""SageMaker's descriptions and lists have the form of botocore's model."""

import uuid
from typing import Any

import pytest

from emulated.images import SKLEARN_URI
from emulated.output_shapes import Answers
from emulated.roles import made_role
from emulated.serving import Account, booster
from emulated.training_jobs import BUCKET, bucket, definition, ended, script_definition
from pocketaws.runtime import LocalRuntime

WORD = f"shape-{uuid.uuid4().hex[:6]}"
# What there is to describe, by the member that names it.
DESCRIBED = {
    "describe_model": "ModelName",
    "describe_endpoint_config": "EndpointConfigName",
    "describe_endpoint": "EndpointName",
    "describe_training_job": "TrainingJobName",
    "describe_processing_job": "ProcessingJobName",
    "describe_transform_job": "TransformJobName",
    "describe_hyper_parameter_tuning_job": "HyperParameterTuningJobName",
    "describe_model_package_group": "ModelPackageGroupName",
    "describe_experiment": "ExperimentName",
    "describe_trial": "TrialName",
}
LISTED: dict[str, dict[str, Any]] = {
    "list_models": {},
    "list_endpoints": {},
    "list_endpoint_configs": {},
    "list_training_jobs": {},
    "list_processing_jobs": {},
    "list_transform_jobs": {},
    "list_hyper_parameter_tuning_jobs": {},
    "list_training_jobs_for_hyper_parameter_tuning_job": {"HyperParameterTuningJobName": WORD},
    "list_model_package_groups": {},
    "list_experiments": {},
    "list_trials": {},
    "search": {"Resource": "TrainingJob"},
}


@pytest.fixture(scope="module")
def answers(runtime: LocalRuntime) -> Answers:
    """One of each, all with the same name."""
    account, sagemaker = Account(runtime), runtime.client("sagemaker")
    model = booster()
    account.model(model, WORD)
    config = account.config(WORD)
    described = sagemaker.describe_endpoint_config(EndpointConfigName=config)
    sagemaker.create_endpoint_config(
        EndpointConfigName=WORD, ProductionVariants=described["ProductionVariants"]
    )
    sagemaker.create_endpoint(EndpointName=WORD, EndpointConfigName=WORD)
    account.settled(WORD)
    sagemaker.create_model_package_group(ModelPackageGroupName=WORD)
    sagemaker.create_experiment(ExperimentName=WORD)
    sagemaker.create_trial(TrialName=WORD, ExperimentName=WORD)
    _jobs(runtime, sagemaker)
    return Answers(sagemaker)


def _jobs(runtime: LocalRuntime, sagemaker: Any) -> None:
    bucket(runtime).put_object(Bucket=BUCKET, Key=f"{WORD}/code/do.py", Body=b"print(1)")
    bucket(runtime).put_object(Bucket=BUCKET, Key=f"{WORD}/in/a.csv", Body=b"1,2,3,4\n")
    sagemaker.create_training_job(
        TrainingJobName=WORD, **script_definition(runtime, "raise SystemExit(1)")
    )
    code = {
        "S3Uri": f"s3://{BUCKET}/{WORD}/code",
        "LocalPath": "/opt/ml/processing/input/code",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    sagemaker.create_processing_job(
        ProcessingJobName=WORD,
        AppSpecification={
            "ImageUri": SKLEARN_URI,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/do.py"],
        },
        ProcessingInputs=[{"InputName": "code", "S3Input": code}],
        ProcessingResources={
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 1,
            }
        },
        RoleArn=made_role(runtime, "processes"),
    )
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{WORD}/in/"}
    sagemaker.create_transform_job(
        TransformJobName=WORD,
        ModelName=WORD,
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/{WORD}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    ranges = {"CategoricalParameterRanges": [{"Name": "eta", "Values": ["0.1"]}]}
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=WORD,
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {
                "Type": "Minimize",
                "MetricName": "validation:rmse",
            },
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": ranges,
        },
        TrainingJobDefinition={
            "StaticHyperParameters": {"num_round": "2", "objective": "reg:squarederror"},
            **definition(runtime),
        },
    )
    for kind in ("Training", "Processing", "Transform", "HyperParameterTuning"):
        snake = "hyper_parameter_tuning" if kind.startswith("Hyper") else kind.lower()
        describe = getattr(sagemaker, f"describe_{snake}_job")
        ended(describe, f"{kind}JobStatus", **{f"{kind}JobName": WORD})


@pytest.mark.parametrize(("method", "member"), DESCRIBED.items())
def test_a_description_has_its_form(answers: Answers, method: str, member: str) -> None:
    assert answers.problems(method, **{member: WORD}) == []


@pytest.mark.parametrize(("method", "request_"), LISTED.items())
def test_a_list_has_its_form(answers: Answers, method: str, request_: dict[str, Any]) -> None:
    assert answers.problems(method, **request_) == []
