"""A job that was run before is answered with what it made, and what follows cannot tell."""

import datetime
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulated.serving import Account
from pocketaws.cloudformation.deploy import Stack
from pocketaws.gate.faults import Fault, function_error
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution
from tests.conftest import OPEN_GATE, SAMPLE_PATH
from tests.functional.endpoint_stack import PARAMETERS, TEMPLATE_PATH
from tests.functional.report_sources import history_of
from tests.functional.told import told_of
from tests.pages import read_all
from workflow.account.model_history import read_history
from workflow.account.rollback import check_model, plan_rollback, write
from workflow.definition import names
from workflow.errors import LocalStateError
from workflow.laptop import cached_outputs, snapshots
from workflow.report.in_account import record_in_account

_ROWS = 600
_AT_ONCE = 10
_QUICK = {**OPEN_GATE, "hyperparameters": {"num_round": 2}}
_ROW = "0.455,0.365,0.095,0.514,0.2245,0.101,0.15,0,0,1"
_ENDPOINT = "cached"
Run = Callable[..., Execution]


@pytest.fixture(scope="module")
def data_uri(runtime: LocalRuntime, stack: Stack) -> str:
    rows = SAMPLE_PATH.read_bytes().splitlines(keepends=True)[:_ROWS]
    bucket_name = stack.outputs["BucketName"]
    runtime.client("s3").put_object(
        Bucket=bucket_name, Key="input/cached/rows.csv", Body=b"".join(rows)
    )
    return f"s3://{bucket_name}/input/cached/"


@pytest.fixture(scope="module")
def start(runtime: LocalRuntime, stack: Stack, data_uri: str) -> Callable[..., str]:
    def start_one(**execution_input: Any) -> str:
        given = {"input_data_uri": data_uri, "cache": True, **_QUICK, **execution_input}
        return runtime.start_execution(stack.outputs["StateMachineArn"], given)

    return start_one


@pytest.fixture(scope="module")
def run(runtime: LocalRuntime, start: Callable[..., str]) -> Run:
    def run_one(**execution_input: Any) -> Execution:
        return runtime.wait(start(**execution_input))

    return run_one


@pytest.fixture(scope="module")
def first(run: Run) -> Execution:
    return run()


@pytest.fixture(scope="module")
def second(run: Run, first: Execution) -> Execution:
    assert first.status == "SUCCEEDED", first.cause
    return run()


def _entered(runtime: LocalRuntime, execution: Execution) -> list[str]:
    return [
        event["stateEnteredEventDetails"]["name"]
        for event in history_of(runtime, execution.arn)
        if "stateEnteredEventDetails" in event
    ]


def _name(execution: Execution) -> str:
    return execution.arn.rpartition(":")[2]


def _artifact_uri(execution: Execution) -> str:
    return str(execution.output["training_job"]["ModelArtifacts"]["S3ModelArtifacts"])


def _message(runtime: LocalRuntime, execution: Execution) -> str:
    (message,) = told_of(runtime, execution.arn)
    return message.text


def test_the_first_execution_runs_its_jobs_and_keeps_what_they_made(
    runtime: LocalRuntime, first: Execution
) -> None:
    entered = _entered(runtime, first)

    assert {names.PREPROCESS_DATA, names.TRAIN_MODEL, names.KEEP_OUTPUTS} <= {*entered}
    assert first.output["kept"]["Payload"]["note"].endswith("the outputs of 2 jobs")
    assert "Reused: nothing. Preprocessing: no recorded execution" in _message(runtime, first)


def test_the_second_one_runs_the_evaluation_alone_and_records_a_model_of_its_own(
    runtime: LocalRuntime, first: Execution, second: Execution
) -> None:
    entered = _entered(runtime, second)
    jobs = [job.name for job in runtime.jobs if job.name.startswith(f"{_name(second)}-")]

    assert second.status == "SUCCEEDED", second.cause
    assert names.REUSE_DATA_AND_MODEL in entered
    assert not {names.PREPROCESS_DATA, names.TRAIN_MODEL, names.KEEP_OUTPUTS} & {*entered}
    assert jobs == [second.output["evaluation_job"]["ProcessingJobName"]]
    assert _artifact_uri(second) == _artifact_uri(first)
    assert second.output["judgement"]["mse"] == first.output["judgement"]["mse"]
    assert second.output["recorded"]["Recorded"]
    assert second.output["recorded"]["ModelName"] != first.output["recorded"]["ModelName"]


def test_what_was_reused_is_told_by_the_message_the_report_and_the_registry(
    runtime: LocalRuntime, first: Execution, second: Execution
) -> None:
    record = record_in_account(second.arn, runtime.client)
    package = runtime.client("sagemaker").describe_model_package(
        ModelPackageName=second.output["package"]["ModelPackageArn"]
    )

    told = f"Reused: the data and the model of {_name(first)} ("
    assert told in _message(runtime, second)
    assert record.lineage["reused"].startswith(told)
    assert [state.name for state in record.states if state.name.startswith("Reuse")] == [
        names.REUSE_DATA_AND_MODEL
    ]
    # What the original's preprocessing told is read where it lies.
    assert record.data is not None
    assert record.data.rows_read == _ROWS
    reused = f"preprocessing of {_name(first)} and training of {_name(first)}"
    assert package["CustomerMetadataProperties"]["reused"] == reused


def test_other_hyperparameters_reuse_the_data_alone(
    runtime: LocalRuntime, run: Run, second: Execution
) -> None:
    other = run(hyperparameters={"num_round": 3})

    entered = _entered(runtime, other)
    assert other.status == "SUCCEEDED", other.cause
    assert names.REUSE_DATA in entered
    assert names.TRAIN_MODEL in entered
    assert names.PREPROCESS_DATA not in entered
    assert _artifact_uri(other) != _artifact_uri(second)
    assert run(hyperparameters={"num_round": 3}).output["cached"]["has_model"]


def test_an_execution_that_asks_for_no_cache_runs_its_jobs_and_keeps_nothing(
    runtime: LocalRuntime, run: Run, second: Execution
) -> None:
    execution = run(cache=False)

    entered = _entered(runtime, execution)
    assert {names.PREPROCESS_DATA, names.TRAIN_MODEL} <= {*entered}
    assert not {names.FIND_CACHED_OUTPUTS, names.KEEP_OUTPUTS} & {*entered}
    assert "Reused" not in _message(runtime, execution)


def test_where_looking_fails_the_jobs_run_and_the_message_says_why(
    runtime: LocalRuntime, run: Run, second: Execution
) -> None:
    broken = function_error("CacheBroke", "the table is away")
    runtime.faults.append(Fault("lambda", "Invoke", subject="FindCachedOutputs", instead=broken))

    execution = run()

    assert execution.status == "SUCCEEDED", execution.cause
    assert names.TRAIN_MODEL in _entered(runtime, execution)
    told = "Reused: nothing, as looking for it failed: the table is away"
    assert told in _message(runtime, execution)


def test_nothing_is_reused_of_a_rejected_model_and_what_cannot_be_kept_is_released(
    runtime: LocalRuntime, run: Run
) -> None:
    rejected = run(split_seed=7, max_mse=1e-6)
    broken = function_error("CacheBroke", "the table is away")
    runtime.faults.append(Fault("lambda", "Invoke", subject="KeepOutputs", instead=broken))
    unkept = run(split_seed=7)

    assert rejected.error == "ModelRejected"
    assert not unkept.output["cached"]["has_data"]
    assert unkept.status == "SUCCEEDED", unkept.cause
    assert unkept.output["kept"]["Error"] == "CacheBroke"


def test_executions_at_once_with_one_key_leave_an_entry_that_is_whole(
    runtime: LocalRuntime, start: Callable[..., str], run: Run
) -> None:
    arns = [start(split_seed=9) for _ in range(_AT_ONCE)]
    ended = {_name(execution): execution for execution in map(runtime.wait, arns)}
    after = run(split_seed=9)

    assert {execution.status for execution in ended.values()} == {"SUCCEEDED"}
    cached = after.output["cached"]
    assert (cached["has_data"], cached["has_model"]) == (True, True)
    # What the entries hold are the outputs of executions of these, whole and untouched.
    data, model = (job["execution_arn"].rpartition(":")[2] for job in cached["jobs"])
    assert after.output["processing"]["train_uri"] == ended[data].output["processing"]["train_uri"]
    assert _artifact_uri(after) == _artifact_uri(ended[model])
    assert after.status == "SUCCEEDED", after.cause


def test_a_reused_model_serves_is_released_and_rolled_back_like_the_original(
    runtime: LocalRuntime, stack: Stack, run: Run, first: Execution
) -> None:
    hit = run()
    assert _artifact_uri(hit) == _artifact_uri(first)
    account, stack_parameters = (
        Account(runtime),
        {key: f"/{stack.name}/{value}" for key, value in PARAMETERS.items()},
    )

    def deployed() -> tuple[str, Any]:
        """Deploy what is recorded, smoke test and all; return the served model and an answer."""
        runtime.deploy(
            TEMPLATE_PATH,
            stack_name=_ENDPOINT,
            parameters=stack_parameters | {"EndpointName": _ENDPOINT},
        )
        endpoint = account.sagemaker.describe_endpoint(EndpointName=_ENDPOINT)
        config = account.sagemaker.describe_endpoint_config(
            EndpointConfigName=endpoint["EndpointConfigName"]
        )
        model_name = config["ProductionVariants"][0]["ModelName"]
        return model_name, account.invoke(_ENDPOINT, _ROW)

    served, answer = deployed()
    ssm, name = runtime.client("ssm"), stack.outputs["ModelParameterName"]
    original = first.output["recorded"]["ModelName"]
    check_model(original, sagemaker=account.sagemaker, s3=runtime.client("s3"))
    now = datetime.datetime.now(datetime.UTC)
    write(plan_rollback(read_history(name, ssm=ssm), name=name, to=original, now=now), ssm=ssm)

    assert served == hit.output["recorded"]["ModelName"]
    assert deployed() == (original, answer)
    runtime.client("cloudformation").delete_stack(StackName=_ENDPOINT)


# What a command keeps for the next one.
@pytest.fixture
def place(runtime: LocalRuntime, stack: Stack, second: Execution) -> cached_outputs.Place:
    assert second.status == "SUCCEEDED", second.cause
    return cached_outputs.Place(
        stack.resources["CacheTable"], stack.outputs["BucketName"], runtime.client
    )


@pytest.fixture
def elsewhere(runtime: LocalRuntime, place: cached_outputs.Place) -> cached_outputs.Place:
    """A table and a bucket of another emulated AWS."""
    name = f"kept-{uuid.uuid4().hex[:8]}"
    runtime.client("s3").create_bucket(Bucket=name)
    runtime.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "cache_key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "cache_key", "KeyType": "HASH"}],
    )
    return cached_outputs.Place(name, name, runtime.client)


def _items(place: cached_outputs.Place) -> list[dict[str, Any]]:
    scanned = place.clients("dynamodb").scan(TableName=place.table_name)["Items"]
    return sorted(scanned, key=lambda item: float(item["kept_at"]["N"]), reverse=True)


def _etags(place: cached_outputs.Place, item: dict[str, Any]) -> dict[str, str]:
    s3 = place.clients("s3")
    keys = [uri.split("/", 3)[3] for uri in json.loads(item["outputs"]["S"]).values()]
    return {
        found["Key"]: found["ETag"]
        for key in keys
        for found in read_all(s3, "list_objects_v2", Bucket=place.bucket_name, Prefix=key).get(
            "Contents", []
        )
    }


def test_what_is_kept_is_put_back_into_another_bucket_as_it_was(
    place: cached_outputs.Place, elsewhere: cached_outputs.Place, tmp_path: Path
) -> None:
    cached_outputs.remember(tmp_path, place, entries_maximum=2)
    count = cached_outputs.put_back(tmp_path, elsewhere)

    newest, back = _items(place)[:2], _items(elsewhere)
    moved = json.loads(
        json.dumps(newest).replace(f"s3://{place.bucket_name}/", f"s3://{elsewhere.bucket_name}/")
    )
    assert count == len(back) == len(newest)
    assert back == moved
    for before, after in zip(newest, back, strict=True):
        assert _etags(elsewhere, after) == _etags(place, before) != {}


def test_what_does_not_fit_is_not_kept(
    place: cached_outputs.Place, elsewhere: cached_outputs.Place, tmp_path: Path
) -> None:
    cached_outputs.remember(tmp_path, place, bytes_maximum=1)

    assert cached_outputs.put_back(tmp_path, elsewhere) == 0


def test_what_was_damaged_is_put_aside_once(
    place: cached_outputs.Place, elsewhere: cached_outputs.Place, tmp_path: Path
) -> None:
    cached_outputs.remember(tmp_path, place)
    path = next(path for path in sorted(tmp_path.rglob("0*")) if path.is_file())
    # Its own, as an object in the emulated S3 may have the same file.
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content + b"1")

    with pytest.raises(LocalStateError, match="cannot be understood"):
        cached_outputs.put_back(tmp_path, elsewhere)
    assert cached_outputs.put_back(tmp_path, elsewhere) == 0
    assert _items(elsewhere) == []


def test_what_another_installation_kept_is_not_used(
    place: cached_outputs.Place, elsewhere: cached_outputs.Place, tmp_path: Path
) -> None:
    kept = {"installation": "another", "bucket_name": "b", "items": [], "files": {}}

    def fill(folder: Path) -> None:
        (folder / "entries.json").write_text(json.dumps(kept))

    snapshots.replace(tmp_path / "cached-outputs", fill)

    assert cached_outputs.put_back(tmp_path, elsewhere) == 0
