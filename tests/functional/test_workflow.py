"""The deployed definition, run for real on the emulated AWS."""

import csv
import io
import re
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from botocore.exceptions import ClientError

from emulated.images import SKLEARN_URI, XGBOOST_URI
from pocketaws.cloudformation.deploy import Stack
from pocketaws.gate.server import Fault
from pocketaws.runtime import LocalRuntime
from pocketaws.sagemaker.jobs.jobs import Job
from pocketaws.step_functions.execution import Execution
from tests.conftest import PROJECT_DIR, RunExecution
from tests.pages import read_all

MAX_TEST_MSE = 5.5


@pytest.fixture
def faults(runtime: LocalRuntime) -> Iterator[list[Fault]]:
    yield runtime.faults
    runtime.faults.clear()


def test_an_execution_with_an_empty_input_uses_the_stacks_defaults(runtime: LocalRuntime) -> None:
    # Of its own, as the defaults' gate compares with the model in production.
    stack = runtime.deploy(PROJECT_DIR / "template.yaml", stack_name="abalone-defaults")
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="sagemaker-example-files-prod-us-east-1")
    s3.upload_file(
        str(PROJECT_DIR / "data" / "abalone-sample.csv"),
        "sagemaker-example-files-prod-us-east-1",
        "datasets/tabular/uci_abalone/abalone.csv",
    )

    empty = runtime.run(stack.outputs["StateMachineArn"], {})
    console = runtime.run(stack.outputs["StateMachineArn"], {"Comment": "Insert your JSON here"})

    assert empty.status == "SUCCEEDED", empty.cause
    assert console.status == "SUCCEEDED", console.cause
    assert empty.output["training"]["hyperparameters"] == {
        "objective": "reg:squarederror",
        "num_round": "50",
        "max_depth": "5",
        "eta": "0.2",
        "gamma": "4",
        "min_child_weight": "6",
        "subsample": "0.7",
    }


def test_the_recorded_name_is_the_created_models(
    runtime: LocalRuntime, stack: Stack, run_locally: RunExecution
) -> None:
    execution = run_locally()

    recorded = runtime.client("ssm").get_parameter(Name=stack.outputs["ModelParameterName"])
    model = runtime.client("sagemaker").describe_model(ModelName=recorded["Parameter"]["Value"])
    assert execution.output["recorded"]["ModelName"] == model["ModelName"]
    assert model["PrimaryContainer"]["ModelDataUrl"] == _artifact_uri(execution)


def test_the_model_predicts_the_test_split_well_enough(
    runtime: LocalRuntime, run_locally: RunExecution
) -> None:
    execution = run_locally()

    booster = _booster(runtime, execution)
    rows = _rows(runtime, execution.output["processing"]["test_uri"])
    predictions = booster.predict(xgboost.DMatrix(rows[:, 1:]))
    assert float(np.mean((predictions - rows[:, 0]) ** 2)) <= MAX_TEST_MSE
    assert len(rows) > 500


def test_running_it_twice_gives_the_same_predictions(
    runtime: LocalRuntime, run_locally: RunExecution
) -> None:
    first, second = run_locally(), run_locally()

    rows = xgboost.DMatrix(_rows(runtime, first.output["processing"]["test_uri"])[:, 1:])
    assert _artifact_uri(first) != _artifact_uri(second)
    np.testing.assert_array_equal(
        _booster(runtime, first).predict(rows), _booster(runtime, second).predict(rows)
    )


def test_step_functions_holds_the_committed_definition_with_its_substitutions(
    runtime: LocalRuntime, stack: Stack
) -> None:
    committed = (PROJECT_DIR / "workflow" / "definition" / "definition.asl.json").read_text()
    described = runtime.client("stepfunctions").describe_state_machine(
        stateMachineArn=stack.outputs["StateMachineArn"]
    )
    functions = runtime.client("lambda")
    roles = runtime.client("iam")

    substitutions = {
        "Partition": "aws",
        **{
            f"{name}Arn": functions.get_function(FunctionName=stack.resources[name])[
                "Configuration"
            ]["FunctionArn"]
            for name in re.findall(r"\$\{(\w+Function)Arn\}", committed)
        },
        "ModelPackageGroupName": stack.outputs["ModelPackageGroupArn"].rpartition("/")[2],
        "JobScriptsUri": _scripts_uri(runtime, stack),
        "ProcessingImageUri": SKLEARN_URI,
        "XGBoostImageUri": XGBOOST_URI,
        "JobRoleArn": roles.get_role(RoleName=stack.resources["JobRole"])["Role"]["Arn"],
        "ModelRoleArn": roles.get_role(RoleName=stack.resources["ModelRole"])["Role"]["Arn"],
    }
    for name, value in substitutions.items():
        committed = committed.replace("${" + name + "}", value)
    assert described["definition"] == committed


def test_what_is_not_created_is_told_where_the_stack_asks_for_it(
    runtime: LocalRuntime, stack: Stack
) -> None:
    with_email = runtime.deploy(
        PROJECT_DIR / "template.yaml",
        stack_name="abalone-email",
        parameters={"NotificationEmail": "someone@example.com"},
    )

    assert "EmailSubscription" not in dict(stack.not_created)
    assert dict(with_email.not_created)["EmailSubscription"] == "AWS::SNS::Subscription"
    assert set(with_email.outputs) == set(stack.outputs)


def test_two_executions_at_once_do_not_meet(run_locally: RunExecution) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda seed: run_locally(split_seed=seed), (1, 2))

    assert (first.status, second.status) == ("SUCCEEDED", "SUCCEEDED")
    assert first.output["recorded"]["ModelName"] != second.output["recorded"]["ModelName"]
    assert first.output["processing"]["train_uri"] != second.output["processing"]["train_uri"]


@pytest.mark.parametrize(
    ("operation", "attempts"),
    [("CreateProcessingJob", 2), ("CreateTrainingJob", 3), ("CreateModel", 1)],
)
def test_a_throttled_call_is_retried_under_a_new_name(
    run_locally: RunExecution, faults: list[Fault], operation: str, attempts: int
) -> None:
    faults.append(Fault("sagemaker", operation, "ThrottlingException", times=attempts))

    execution = run_locally()

    assert execution.status == "SUCCEEDED", execution.cause
    assert faults[0].times == 0


def test_a_job_whose_name_was_taken_by_a_lost_answer_gets_a_new_one(
    runtime: LocalRuntime, run_locally: RunExecution, faults: list[Fault]
) -> None:
    # The model could not be created at first, so the state runs again, as after a redrive.
    faults.append(Fault("sagemaker", "CreateModel", "InternalFailure", times=2))

    execution = run_locally(name="lost-answer")

    assert execution.status == "SUCCEEDED", execution.cause
    assert len(_jobs(runtime, execution)) == 3


def test_a_job_that_fails_is_not_tried_again(
    runtime: LocalRuntime,
    run_locally: RunExecution,
    put_input: Callable[..., str],
    recorded_version: Callable[[], int],
) -> None:
    version = recorded_version()

    execution = run_locally(
        name="fails-once", input_data_uri=put_input(**{"bad.csv": b"M;0.4;0.3\n" * 50})
    )

    assert (execution.status, execution.error) == ("FAILED", "JobFailed")
    assert len(_jobs(runtime, execution)) == 1
    assert recorded_version() == version


def test_throttling_that_does_not_end_fails_the_execution(
    run_locally: RunExecution, faults: list[Fault], recorded_version: Callable[[], int]
) -> None:
    version = recorded_version()
    faults.append(Fault("sagemaker", "CreateTrainingJob", "ThrottlingException", times=99))

    execution = run_locally()

    assert (execution.status, execution.error) == ("FAILED", "SageMaker.AmazonSageMakerException")
    assert recorded_version() == version


def test_the_same_name_again_is_refused_as_by_aws(run_locally: RunExecution) -> None:
    run_locally(name="twice")

    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        run_locally(name="twice", split_seed=8)


def test_the_longest_name_with_underscores_works(run_locally: RunExecution) -> None:
    name = ("Retrain_the_model__" * 5)[:79] + "Z"

    execution = run_locally(name=name)

    assert execution.status == "SUCCEEDED", execution.cause
    assert len(execution.output["recorded"]["ModelName"]) <= 63


@pytest.mark.parametrize("name", ["a" * 81, "a b", "a/b", "a{b", "a\tb"])
def test_a_name_that_aws_refuses_is_refused(run_locally: RunExecution, name: str) -> None:
    with pytest.raises(ClientError, match=r"InvalidName|ValidationException"):
        run_locally(name=name)


def test_one_instance_and_three_give_the_same_rows_in_the_same_splits(
    runtime: LocalRuntime, run_locally: RunExecution, put_input: Callable[..., str]
) -> None:
    lines = (PROJECT_DIR / "data" / "abalone-sample.csv").read_bytes().splitlines(keepends=True)
    shares = {f"part-{index}.csv": b"".join(lines[index::5]) for index in range(5)}
    one = run_locally(input_data_uri=put_input(**{"all.csv": b"".join(lines)}))

    three = run_locally(
        input_data_uri=put_input(**shares), processing_instance_count=3, training_instance_count=2
    )

    assert three.status == "SUCCEEDED", three.cause
    for split in ("train", "validation", "test"):
        parts = _parts(runtime, three.output["processing"][f"{split}_uri"])
        assert {name.split("-")[2] for name in parts} == {"1", "2", "3"}
        assert sorted(b"".join(parts.values()).splitlines()) == sorted(
            b"".join(
                _parts(runtime, one.output["processing"][f"{split}_uri"]).values()
            ).splitlines()
        )


def test_training_on_two_instances_gives_one_model(
    runtime: LocalRuntime, run_locally: RunExecution
) -> None:
    execution = run_locally(training_instance_count=2)

    rows = _rows(runtime, execution.output["processing"]["test_uri"])
    predictions = _booster(runtime, execution).predict(xgboost.DMatrix(rows[:, 1:]))
    assert float(np.mean((predictions - rows[:, 0]) ** 2)) <= MAX_TEST_MSE


def test_every_value_can_be_overridden(runtime: LocalRuntime, run_locally: RunExecution) -> None:
    execution = run_locally(
        name="overridden",
        hyperparameters={"num_round": 3, "eta": "0.5"},
        processing_instance_type="ml.c5.xlarge",
        processing_volume_size_gb=7,
        processing_max_runtime_seconds=601,
        training_instance_type="ml.m5.2xlarge",
        training_volume_size_gb=8,
        training_max_runtime_seconds=602,
        training_use_spot=True,
        training_max_wait_seconds=1203,
        tags={"team": "pricing"},
    )

    assert execution.status == "SUCCEEDED", execution.cause
    processing, training, _ = (job.request for job in _jobs(runtime, execution))
    assert processing["ProcessingResources"]["ClusterConfig"] == {
        "InstanceCount": 1,
        "InstanceType": "ml.c5.xlarge",
        "VolumeSizeInGB": 7,
    }
    assert processing["StoppingCondition"] == {"MaxRuntimeInSeconds": 601}
    assert training["ResourceConfig"]["InstanceType"] == "ml.m5.2xlarge"
    assert training["EnableManagedSpotTraining"] is True
    assert training["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 602,
        "MaxWaitTimeInSeconds": 1203,
    }
    assert training["HyperParameters"]["num_round"] == "3"
    assert training["HyperParameters"]["eta"] == "0.5"
    assert training["HyperParameters"]["max_depth"] == "5"
    assert training["Tags"] == [{"Key": "team", "Value": "pricing"}]


def test_a_job_that_takes_too_long_is_stopped(run_locally: RunExecution) -> None:
    execution = run_locally(
        training_max_runtime_seconds=1, hyperparameters={"num_round": 100_000, "max_depth": 12}
    )

    assert (execution.status, execution.error) == ("FAILED", "JobFailed")
    assert execution.cause == "the job was stopped (MaxRuntimeExceeded)"


def test_rejected_rows_are_kept_with_line_and_reason(
    runtime: LocalRuntime, run_locally: RunExecution, put_input: Callable[..., str]
) -> None:
    lines = (PROJECT_DIR / "data" / "abalone-sample.csv").read_bytes().splitlines(keepends=True)
    lines[9] = b"X,0.4,0.3,0.1,0.5,0.2,0.1,0.1,9\n"

    execution = run_locally(input_data_uri=put_input(**{"raw.csv": b"".join(lines)}))

    (content,) = _parts(runtime, execution.output["processing"]["rejected_uri"]).values()
    (row,) = csv.DictReader(io.StringIO(content.decode()))
    assert (row["object"], row["line"]) == ("raw.csv", "10")
    assert "sex" in row["reason"]


def _jobs(runtime: LocalRuntime, execution: Execution) -> list[Job]:
    """Return an execution's jobs, the oldest first."""
    name = execution.arn.rpartition(":")[2]
    return [job for job in runtime.jobs if job.name.startswith(f"{name}-")]


def _artifact_uri(execution: Execution) -> str:
    return str(execution.output["training_job"]["ModelArtifacts"]["S3ModelArtifacts"])


def _booster(runtime: LocalRuntime, execution: Execution) -> xgboost.Booster:
    bucket_name, _, key = _artifact_uri(execution).removeprefix("s3://").partition("/")
    body = runtime.client("s3").get_object(Bucket=bucket_name, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        member = archive.extractfile("xgboost-model")
        assert member is not None
        return xgboost.Booster(model_file=bytearray(member.read()))


def _parts(runtime: LocalRuntime, uri: str) -> dict[str, bytes]:
    s3 = runtime.client("s3")
    bucket_name, _, prefix = uri.removeprefix("s3://").partition("/")
    listed = read_all(s3, "list_objects_v2", Bucket=bucket_name, Prefix=prefix)["Contents"]
    return {
        Path(item["Key"]).name: s3.get_object(Bucket=bucket_name, Key=item["Key"])["Body"].read()
        for item in listed
    }


def _rows(runtime: LocalRuntime, uri: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    content = b"".join(_parts(runtime, uri).values())
    return np.loadtxt(io.BytesIO(content), delimiter=",")


def _scripts_uri(runtime: LocalRuntime, stack: Stack) -> str:
    listed = read_all(
        runtime.client("s3"),
        "list_objects_v2",
        Bucket=stack.outputs["BucketName"],
        Prefix="jobs/",
        Delimiter="/",
    )
    (item,) = listed["CommonPrefixes"]
    return f"s3://{stack.outputs['BucketName']}/{item['Prefix']}"
