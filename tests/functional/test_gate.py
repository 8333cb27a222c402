"""Only a better model passes: judged on the same rows, told in words, recorded only forward."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.gate.server import Fault
from pocketaws.runtime import LocalRuntime
from tests.conftest import OPEN_GATE, RunExecution
from tests.functional.asking import asking
from tests.functional.told import told_of
from tests.pages import read_all


@pytest.fixture
def recorded(runtime: LocalRuntime, stack: Stack) -> Callable[[], dict[str, Any]]:
    """Return what the parameter holds now."""

    def parameter() -> dict[str, Any]:
        ssm = runtime.client("ssm")
        found = ssm.get_parameter(Name=stack.outputs["ModelParameterName"])["Parameter"]
        return {"name": found["Value"], "version": found["Version"]}

    return parameter


def test_a_good_model_is_released_and_told(
    runtime: LocalRuntime, run_locally: RunExecution, recorded: Callable[[], dict[str, Any]]
) -> None:
    execution = run_locally()

    (message,) = told_of(runtime, execution.arn)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output["recorded"]["Recorded"] is True
    assert recorded()["name"] == execution.output["recorded"]["ModelName"]
    assert execution.output["recorded"]["ModelName"] in message.text
    assert "released" in message.subject.lower()


def test_a_model_above_the_bound_is_rejected_with_both_numbers(
    runtime: LocalRuntime, run_locally: RunExecution, recorded: Callable[[], dict[str, Any]]
) -> None:
    run_locally()
    before, models = recorded(), _model_names(runtime)

    execution = run_locally(max_mse=1.0)

    (message,) = told_of(runtime, execution.arn)
    assert (execution.status, execution.error) == ("FAILED", "ModelRejected")
    assert "1.0" in (execution.cause or "")
    assert "max_mse" in (execution.cause or "")
    assert (recorded(), _model_names(runtime)) == (before, models)
    assert "rejected" in message.subject.lower()
    assert (execution.cause or "nothing") in message.text


def test_a_model_worse_than_production_is_rejected_by_the_comparison(
    runtime: LocalRuntime, run_locally: RunExecution, recorded: Callable[[], dict[str, Any]]
) -> None:
    good = run_locally()
    before = recorded()

    execution = run_locally(max_mse_increase=0.02, hyperparameters={"num_round": 2})

    (message,) = told_of(runtime, execution.arn)
    assert (execution.status, execution.error) == ("FAILED", "ModelRejected")
    assert recorded() == before
    assert f"{good.output['judgement']['mse']:.3g}"[:3] in message.text
    assert "production" in message.text


def test_the_same_model_again_is_not_worse(run_locally: RunExecution) -> None:
    run_locally()

    execution = run_locally(max_mse_increase=0.0)

    judgement = execution.output["judgement"]
    assert execution.status == "SUCCEEDED", execution.cause
    assert judgement["mse"] == judgement["production_mse"]


def test_a_failed_job_is_told_once_with_its_own_reason(
    runtime: LocalRuntime, run_locally: RunExecution, put_input: Callable[..., str]
) -> None:
    execution = run_locally(
        input_data_uri=put_input(**{"a.csv": b"M;0,4;0,3;0,1;0,5;0,2;0,1;0,1;9\n" * 30})
    )

    (message,) = told_of(runtime, execution.arn)
    assert (execution.status, execution.error) == ("FAILED", "JobFailed")
    assert "failed" in message.subject.lower()
    assert "preprocess data" in message.text.lower()
    assert "DECIMAL" in message.text


def test_a_refused_input_is_told_too(runtime: LocalRuntime, run_locally: RunExecution) -> None:
    execution = run_locally(split_seed=-1)

    (message,) = told_of(runtime, execution.arn)
    assert execution.error == "InvalidExecutionInput"
    assert "split_seed = -1" in message.text


def test_an_older_execution_that_finishes_late_does_not_overwrite(
    runtime: LocalRuntime,
    stack: Stack,
    sample_uri: str,
    run_locally: RunExecution,
    recorded: Callable[[], dict[str, Any]],
) -> None:
    waiting = asking(runtime, stack, sample_uri)()
    newer = run_locally()

    waiting.decide("Approved")
    older = waiting.end()

    assert older.status == "SUCCEEDED", older.cause
    assert older.output["recorded"]["Recorded"] is False
    assert recorded()["name"] == newer.output["recorded"]["ModelName"]


def test_ten_executions_at_once_end_on_the_newest(
    run_locally: RunExecution, recorded: Callable[[], dict[str, Any]]
) -> None:
    # The later one starts, the sooner it is done.
    rounds = [400 - 40 * index for index in range(10)]

    with ThreadPoolExecutor(10) as pool:
        executions = list(
            pool.map(lambda count: run_locally(hyperparameters={"num_round": count}), rounds)
        )

    assert [execution.status for execution in executions] == ["SUCCEEDED"] * 10
    newest = max(execution.started for execution in executions if execution.started)
    names = {
        execution.output["recorded"]["ModelName"]
        for execution in executions
        if execution.started == newest
    }
    assert recorded()["name"] in names


def test_a_message_that_cannot_be_sent_does_not_take_a_release_back(
    runtime: LocalRuntime, run_locally: RunExecution, recorded: Callable[[], dict[str, Any]]
) -> None:
    runtime.faults.append(Fault("sns", "Publish", "AuthorizationError", "no", times=99))
    try:
        execution = run_locally()
    finally:
        runtime.faults.clear()

    assert execution.status == "SUCCEEDED", execution.cause
    assert recorded()["name"] == execution.output["recorded"]["ModelName"]


def _model_names(runtime: LocalRuntime) -> set[str]:
    try:
        models = read_all(runtime.client("sagemaker"), "list_models")["Models"]
    except ClientError:
        return set()
    return {model["ModelName"] for model in models}


@pytest.fixture
def other_columns(runtime: LocalRuntime, stack: Stack, run_locally: RunExecution) -> Iterator[str]:
    """Have the model in production be one that takes the features in another order."""
    name = run_locally().output["recorded"]["ModelName"]
    s3, key = runtime.client("s3"), f"evaluation/{name[:-9]}/known-answers.json"
    bucket_name = stack.outputs["BucketName"]
    before = s3.get_object(Bucket=bucket_name, Key=key)["Body"].read()
    answers = json.loads(before)
    first, second, *rest = answers["columns"]
    answers["columns"] = [second, first, *rest]
    s3.put_object(Bucket=bucket_name, Key=key, Body=json.dumps(answers).encode())
    yield f"the order was another, feature 1 was {second} and is {first}"

    # An execution of the stack's defaults would ask a person, and wait for one.
    s3.put_object(Bucket=bucket_name, Key=key, Body=before)


def test_a_candidate_is_refused_where_production_takes_the_features_in_another_order(
    runtime: LocalRuntime, run_locally: RunExecution, other_columns: str
) -> None:
    execution = run_locally(if_not_comparable="refuse")

    (message,) = told_of(runtime, execution.arn)
    assert (execution.status, execution.error) == ("FAILED", "ModelRejected")
    assert other_columns in (execution.cause or "")
    assert '{"if_not_comparable": "max_mse"}' in (execution.cause or "")
    assert other_columns in message.text


def test_production_is_left_out_of_one_execution(
    run_locally: RunExecution, other_columns: str
) -> None:
    execution = run_locally(if_not_comparable="max_mse")

    assert execution.status == "SUCCEEDED", execution.cause
    assert other_columns in execution.output["judgement"]["reason"]
    assert execution.output["recorded"]["Recorded"] is True


def test_a_person_is_asked_where_nothing_else_is_said(
    runtime: LocalRuntime, stack: Stack, sample_uri: str, other_columns: str
) -> None:
    arn = runtime.start_execution(
        stack.outputs["StateMachineArn"],
        {"input_data_uri": sample_uri, **OPEN_GATE, "if_not_comparable": "ask"},
    )

    question, *_ = eventually(lambda: told_of(runtime, arn))
    runtime.client("stepfunctions").stop_execution(executionArn=arn)

    assert "approval" in question.subject.lower() or "decide" in question.text.lower()
    assert other_columns in question.text
