"""The committed definition: what the code renders, and what AWS's own models accept."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from pocketaws.gate.rules import request_problems
from pocketaws.step_functions.definition_rules import definition_problems
from tests.definition_environment import PYTHON
from workflow.commands.build import write
from workflow.definition import names
from workflow.errors import DefinitionError
from workflow.template import read_template

PROJECT_DIR = Path(__file__).parents[2]
DEFINITION_PATH = PROJECT_DIR / "workflow" / "definition" / "definition.asl.json"
DEFINITION = json.loads(DEFINITION_PATH.read_text(encoding="utf-8"))
STATES = DEFINITION["States"]
TASKS = [name for name in STATES if STATES[name]["Type"] == "Task"]
RESOURCES = {name: STATES[name]["Resource"] for name in TASKS}
SAGEMAKER_STATES = [name for name in TASKS if ":::sagemaker:" in RESOURCES[name]]
SDK_STATES = [name for name in TASKS if ":::aws-sdk:sagemaker:" in RESOURCES[name]]

# What the first state would put in place of the paths; the types are what matters here.
PREPARED = {
    "$.processing.arguments": ["--parts", "1"],
    "$.production.arguments": ["--test-dir", "/opt/ml/processing/input/test"],
    "$.production.inputs": [
        {
            "InputName": "test",
            "S3Input": {
                "S3Uri": "s3://bucket/test/",
                "LocalPath": "/opt/ml/processing/input/test",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
            },
        }
    ],
    "$.tags": [{"Key": "team", "Value": "pricing"}],
    "States.JsonMerge($.training.hyperparameters, $.tuning.best.hyperparameters, false)": {
        "num_round": "50"
    },
    "$.training.hyperparameters": {"num_round": "50"},
    "$.batch.arguments": ["--input-dir", "/opt/ml/processing/input/raw"],
    "$.batch.instance_type": "ml.m5.xlarge",
    "$.batch.input_filter": "$[0:10]",
    "$.batch.output_filter": "$[10:]",
    "$.tuning.config": {
        "Strategy": "Bayesian",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
    },
    "$.training.stopping_condition": {"MaxRuntimeInSeconds": 3600},
    "$.training.use_spot": False,
    "$.training.instance_type": "ml.m5.xlarge",
    "$.processing.instance_type": "ml.m5.xlarge",
    "$.judgement.approval_status": "Approved",
    "$.judgement.model_metrics": {},
    "$.judgement.drift_check_baselines": {},
    "$.package.ModelPackageArn": "arn:aws:sagemaker:us-east-1:123456789012:model-package/a/1",
    "$$.Execution.Id": "arn:aws:states:us-east-1:123456789012:execution:abalone:run-1",
}
SUBSTITUTED = {
    names.JOB_ROLE_ARN: "arn:aws:iam::123456789012:role/job",
    names.MODEL_ROLE_ARN: "arn:aws:iam::123456789012:role/model",
    names.MODEL_PACKAGE_GROUP_NAME: "abalone-0123",
    names.JOB_SCRIPTS_URI: "s3://bucket/jobs/0123/",
    names.PROCESSING_IMAGE_URI: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-x:1",
    names.XGBOOST_IMAGE_URI: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-x:1",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("machine", "name"), [("workflow", "definition.asl.json"), ("monitor", "monitor.asl.json")]
)
def test_the_committed_definition_is_what_the_code_renders(
    tmp_path: Path, machine: str, name: str
) -> None:
    output = tmp_path / name

    # In a process of its own: the SDK changes the root logger and warns on import.
    subprocess.run(
        [PYTHON, "-m", "workflow", "build", "--machine", machine, "--output", str(output)],
        cwd=PROJECT_DIR,
        check=True,
        capture_output=True,
    )

    assert output.read_text() == DEFINITION_PATH.with_name(name).read_text(), (
        "run `make definition`"
    )


def test_what_step_functions_would_refuse_is_not_written(tmp_path: Path) -> None:
    output = tmp_path / "definition.asl.json"
    spoilt = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})

    with pytest.raises(DefinitionError, match=r"MISSING_TRANSITION_TARGET.* at /States/A/Next"):
        write(spoilt, output)

    assert not output.exists()


def test_where_the_sdk_is_not_installed_building_says_what_to_do(tmp_path: Path) -> None:
    output = tmp_path / "definition.asl.json"

    ended = subprocess.run(
        [sys.executable, "-m", "workflow", "build", "--output", str(output)],
        cwd=PROJECT_DIR,
        check=False,
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 1
    assert "is not installed" in ended.stderr
    assert "`make definition`" in ended.stderr
    assert not output.exists()


@pytest.mark.parametrize("name", ["run", "project"])
def test_only_the_definitions_lock_holds_the_sdk_and_none_an_nvidia_library(name: str) -> None:
    pins = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)
    locked = {
        lock: set(pins.findall((PROJECT_DIR / "requirements" / f"{lock}.txt").read_text()))
        for lock in (name, "definition")
    }

    assert {"sagemaker", "stepfunctions"} <= locked["definition"]
    assert not {"sagemaker", "sagemaker-core", "stepfunctions"} & locked[name]
    assert not [package for package in locked[name] if package.startswith("nvidia")]


def _order(*defaults: str) -> list[str]:
    """Return the states by the first turn of each Choice, of some by their default."""
    order, name = [], DEFINITION["StartAt"]
    while name:
        order.append(name)
        turns = [STATES[name].get("Default")] if name in defaults else []
        turns += [choice["Next"] for choice in STATES[name].get("Choices", [])]
        name = STATES[name].get("Next") or next(iter(turns), None)
    return order


def test_the_states_come_in_the_order_of_the_work() -> None:
    assert _order(names.MAY_OUTPUTS_BE_REUSED, names.ARE_OUTPUTS_TO_BE_KEPT) == [
        names.TAKE_INPUT,
        names.PREPARE_EXECUTION,
        names.START_TRIAL,
        names.MAY_OUTPUTS_BE_REUSED,
        names.PREPROCESS_DATA,
        names.IS_IT_TO_BE_TUNED,
        names.TUNE_MODEL,
        names.TRAIN_MODEL,
        names.FIND_PRODUCTION_MODEL,
        names.EVALUATE_MODEL,
        names.READ_EVALUATION,
        names.IS_THE_MODEL_GOOD_ENOUGH,
        names.CREATE_MODEL,
        names.REGISTER_MODEL,
        names.DOES_A_PERSON_DECIDE,
        names.WAIT_FOR_APPROVAL,
        names.RECORD_MODEL_NAME,
        names.ARE_OUTPUTS_TO_BE_KEPT,
        names.IS_THERE_A_BATCH,
        names.ENCODE_BATCH,
        names.PREDICT_BATCH,
        names.TELL_RELEASED,
        names.MODEL_RELEASED,
    ]


def test_what_is_there_leads_around_its_job_and_else_to_the_jobs_and_their_keeping() -> None:
    reusing, missing = _order(), _order(names.WHAT_IS_CACHED)
    (to_data,) = [
        choice["Next"]
        for choice in STATES[names.WHAT_IS_CACHED]["Choices"]
        if choice["Variable"] == "$.cached.has_data"
    ]

    finding = [names.FIND_CACHED_OUTPUTS, names.WHAT_IS_CACHED]
    assert reusing[4:8] == [*finding, names.REUSE_DATA_AND_MODEL, names.FIND_PRODUCTION_MODEL]
    assert missing[4:8] == [*finding, names.PREPROCESS_DATA, names.IS_IT_TO_BE_TUNED]
    assert missing[-7:-5] == [names.ARE_OUTPUTS_TO_BE_KEPT, names.KEEP_OUTPUTS]
    assert (to_data, STATES[to_data]["Next"]) == (names.REUSE_DATA, names.IS_IT_TO_BE_TUNED)


@pytest.mark.parametrize(
    ("name", "then"),
    [
        (names.FIND_CACHED_OUTPUTS, names.PREPROCESS_DATA),
        (names.KEEP_OUTPUTS, names.IS_THERE_A_BATCH),
    ],
)
def test_a_cache_that_fails_costs_neither_the_execution_nor_the_release(
    name: str, then: str
) -> None:
    (catcher,) = STATES[name]["Catch"]

    assert (catcher["ErrorEquals"], catcher["Next"]) == (["States.ALL"], then)
    # Where a message would take it for the failure that ended the execution.
    assert not catcher["ResultPath"].startswith("$.failures")


@pytest.mark.parametrize(
    ("field", "name"),
    [("Preprocessing", names.PREPROCESS_DATA), ("Training", names.TRAIN_MODEL)],
)
def test_a_job_is_looked_up_by_all_that_its_state_sends_but_its_names(
    field: str, name: str
) -> None:
    looked_up = STATES[names.FIND_CACHED_OUTPUTS]["Parameters"]["Payload"][field]

    sent = STATES[name]["Parameters"]
    assert looked_up.items() <= sent.items()
    left_out = {key.removesuffix(".$") for key in sent.keys() - looked_up.keys()}
    name_key = "ProcessingJobName" if field == "Preprocessing" else "TrainingJobName"
    assert left_out == {name_key, "RoleArn", "ExperimentConfig", "Tags"}


def test_what_is_not_released_ends_in_fail() -> None:
    rejected = STATES[STATES[names.IS_THE_MODEL_GOOD_ENOUGH]["Default"]]["Next"]

    assert STATES[rejected]["Type"] == "Fail"
    assert STATES[rejected]["Error"] == "ModelRejected"
    assert STATES[names.EXECUTION_FAILED]["Type"] == "Fail"


def test_an_approved_model_is_recorded_without_asking_a_person() -> None:
    assert STATES[names.DOES_A_PERSON_DECIDE]["Default"] == names.RECORD_MODEL_NAME


def test_a_persons_refusal_ends_in_fail_with_the_persons_words() -> None:
    refusal = STATES[names.WAIT_FOR_APPROVAL]["Catch"][0]
    end = STATES[STATES[refusal["Next"]]["Next"]]

    assert refusal["ErrorEquals"] == [end["Error"]] == ["ModelRejected"]
    assert end["Type"] == "Fail"
    assert end["CausePath"] == f"{refusal['ResultPath']}.Cause"


@pytest.mark.parametrize("name", [names.WAIT_FOR_APPROVAL, names.RECORD_MODEL_NAME])
def test_what_fails_after_registering_withdraws_the_package(name: str) -> None:
    assert STATES[name]["Catch"][-1]["Next"] == names.WITHDRAW_MODEL_PACKAGE


@pytest.mark.parametrize(
    "name", [name for name in TASKS if name not in (names.FIND_CACHED_OUTPUTS, names.KEEP_OUTPUTS)]
)
def test_every_failure_of_a_task_is_caught_under_the_states_name(name: str) -> None:
    catcher = STATES[name]["Catch"][-1]

    key = name.lower().replace(" ", "_")
    assert catcher["ErrorEquals"] == ["States.ALL"]
    assert catcher["ResultPath"] == f"$.failures.{key}"


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_timeout(name: str) -> None:
    state = STATES[name]

    assert state["Type"] == "Task"
    assert ("TimeoutSeconds" in state) != ("TimeoutSecondsPath" in state)


@pytest.mark.parametrize("name", TASKS)
def test_every_task_retries_what_is_transient_and_nothing_else(name: str) -> None:
    retried = {error for retrier in STATES[name]["Retry"] for error in retrier["ErrorEquals"]}

    service = "Lambda" if ":::lambda:" in RESOURCES[name] else "SageMaker"
    assert retried
    assert all(error.startswith(f"{service}.") for error in retried)
    assert not retried & {"States.ALL", "States.TaskFailed", "States.Timeout", "Lambda.Unknown"}


@pytest.mark.parametrize("name", SAGEMAKER_STATES)
def test_a_name_is_made_anew_at_each_attempt(name: str) -> None:
    parameters = STATES[name]["Parameters"]
    # Of a transform job the model's name is another thing's.
    model = STATES[name]["ResultPath"] == "$.predictions" and "ModelName.$"
    expressions = [
        value for key, value in parameters.items() if key.endswith("Name.$") and key != model
    ]

    assert len(expressions) == 1
    assert "States.UUID()" in expressions[0]


@pytest.mark.parametrize("name", [*SAGEMAKER_STATES, *SDK_STATES])
def test_parameters_pass_botocores_validation_of_the_call(name: str) -> None:
    operation = RESOURCES[name].split(":")[-1].removesuffix(".sync")
    shape = (
        botocore.session.get_session()
        .get_service_model("sagemaker")
        .operation_model(operation[0].upper() + operation[1:])
        .input_shape
    )

    request = _resolved(STATES[name]["Parameters"])

    report = ParamValidator().validate(request, shape)

    assert not report.has_errors(), report.generate_report()
    assert request_problems("sagemaker", operation[0].upper() + operation[1:], request) == []


def test_step_functions_finds_no_unknown_field() -> None:
    assert definition_problems(DEFINITION_PATH.read_text(), placeholders=True) == []


def test_a_misspelt_field_is_found_as_step_functions_finds_it() -> None:
    spoilt = json.loads(DEFINITION_PATH.read_text())
    spoilt["States"][names.TRAIN_MODEL]["Parameters"]["ResourceConfig"]["InstanceKount"] = 1

    (problem,) = definition_problems(json.dumps(spoilt), placeholders=True)

    assert 'The field "InstanceKount" is not supported by Step Functions' in problem


def test_the_template_substitutes_exactly_what_the_definition_asks_for() -> None:
    given = _template_substitutions()

    asked = {text.removeprefix("${").removesuffix("}") for text in _placeholders(DEFINITION)}
    assert asked == given


def test_nothing_of_a_region_or_an_account_is_in_the_definition() -> None:
    text = DEFINITION_PATH.read_text()

    assert "us-east-1" not in text
    assert "dkr.ecr" not in text
    assert "arn:aws:" not in text


def _resolved(value: Any) -> Any:
    """Return Parameters with every path replaced by a value of the kind that it leads to."""
    if isinstance(value, list):
        return [_resolved(item) for item in value]
    if isinstance(value, str):
        return SUBSTITUTED.get(value, value)
    if not isinstance(value, dict):
        return value
    return {
        key.removesuffix(".$"): _led_to(item) if key.endswith(".$") else _resolved(item)
        for key, item in value.items()
    }


def _led_to(path: str) -> Any:
    if path in PREPARED:
        return PREPARED[path]
    if path.endswith(("_count", "_gb", "_seconds")):
        return 1
    if path.endswith(("_uri", "_uri)", "S3ModelArtifacts")):
        return "s3://bucket/key"
    return "base-name-0a1b2c3d"


def _placeholders(value: Any) -> Iterator[str]:
    text = json.dumps(value)
    while "${" in text:
        _, _, rest = text.partition("${")
        name, _, text = rest.partition("}")
        yield "${" + name + "}"


def _template_substitutions() -> set[str]:
    template = read_template(PROJECT_DIR / "template.yaml")
    return set(template["Resources"]["Workflow"]["Properties"]["DefinitionSubstitutions"])
