"""The prepared execution: names that SageMaker takes, arguments that the script takes, timeouts."""

import re
from typing import Any

import pytest
import regex
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.modules import PROJECT_DIR, load
from tests.unit.prepared_input import parse
from workflow.report.given import fields_given, started_by

prepare = load("prepare_execution")
preprocess = load("jobs", parent=PROJECT_DIR).preprocess
base_name = prepare.prepared.base_name

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
SAGEMAKER_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
# A hyphen and eight characters of a UUID; see ATTEMPT_NAME in workflow/definition/steps.py.
ATTEMPT = "-0a1b2c3d"
EXECUTION_NAMES = st.text(min_size=1, max_size=80)

SETTINGS: dict[str, Any] = {
    "input_data_uri": "s3://bucket/raw/",
    "validation_share": 0.2,
    "test_share": 0.1,
    "split_seed": 7,
    "max_rejected_share": 1e-05,
    "processing_instance_type": "ml.m5.xlarge",
    "processing_instance_count": 2,
    "processing_volume_size_gb": 30,
    "processing_max_runtime_seconds": 600,
    "training_instance_type": "ml.m5.2xlarge",
    "training_instance_count": 3,
    "training_volume_size_gb": 31,
    "training_max_runtime_seconds": 700,
    "training_use_spot": False,
    "training_max_wait_seconds": 9000,
    "max_mse": 6.0,
    "max_mse_increase": 0.02,
    "if_not_comparable": "ask",
    "approval": "automatic_if_better",
    "approval_min_improvement": 0.1,
    "approval_timeout_seconds": 900,
    "hyperparameters": {"num_round": "50"},
    "tags": {"team": "pricing", "stage": ""},
}


OF_THE_STACK = {
    "bucket_name": "stack-bucket",
    "experiment_name": "abalone",
    "git_commit": "0123abc",
}


def prepared(
    *,
    start_time: str = "2025-01-31T12:00:00.000Z",
    input_data_version: str = "1 objects 9 bytes sha256:00",
    execution_name: str = "run-1",
    **changes: Any,
) -> dict[str, Any]:
    settings = prepare.execution_input.Settings(**{**SETTINGS, **changes})
    execution: dict[str, Any] = prepare.prepared.prepare(
        settings,
        execution_arn="arn:aws:states:eu-west-1:123456789012:execution:abalone:run-1",
        execution_name=execution_name,
        start_time=start_time,
        input_data_version=input_data_version,
        **OF_THE_STACK,
    )
    return execution


@pytest.mark.parametrize(
    ("execution_name", "slug"),
    [
        ("run-1", "run-1"),
        ("x" * 80, "x" * 38),
        ("a" * 37 + "__" + "b" * 41, "a" * 37),
        ("My_Run__2", "my-run-2"),
        ("Größe 5", "gr-e-5"),
        ("測試", "execution"),
        ("_-_", "execution"),
    ],
)
def test_a_base_name_keeps_what_sagemaker_takes_of_the_name(execution_name: str, slug: str) -> None:
    name = base_name(execution_name, identity="arn")

    assert re.fullmatch(re.escape(slug) + "-[0-9a-f]{8}", name)


@given(EXECUTION_NAMES, st.text())
def test_a_base_name_starts_a_name_of_sagemaker(execution_name: str, identity: str) -> None:
    name = base_name(execution_name, identity=identity)

    assert len(name) <= 47
    assert name == name.lower()
    assert SAGEMAKER_NAME.fullmatch(name + ATTEMPT)


@given(EXECUTION_NAMES, st.lists(st.text(), min_size=2, max_size=2, unique=True))
def test_executions_of_one_name_have_different_base_names(
    execution_name: str, identities: list[str]
) -> None:
    names = {base_name(execution_name, identity=identity) for identity in identities}

    assert len(names) == 2


def test_an_execution_whose_name_is_used_again_has_another_base_name() -> None:
    names = {
        prepared(start_time=time)["base_name"]
        for time in ("2025-01-31T12:00:00.000Z", "2025-05-31T12:00:00.000Z")
    }

    assert len(names) == 2


def test_the_arguments_are_the_flags_of_the_script() -> None:
    arguments = prepared()["processing"]["arguments"]

    flags = {action.option_strings[-1] for action in preprocess.build_parser()._actions}
    # How many processes run is for the script to see on its instance.
    assert sorted(arguments[::2]) == sorted(flags - {"--help", "--workers"})


def test_the_script_reads_the_settings_from_the_arguments() -> None:
    arguments = preprocess.build_parser().parse_args(prepared()["processing"]["arguments"])

    assert arguments.validation_share == 0.2
    assert arguments.test_share == 0.1
    assert arguments.split_seed == 7
    assert arguments.max_rejected_share == 1e-05
    assert arguments.parts == SETTINGS["training_instance_count"]
    assert str(arguments.input_dir) == "/opt/ml/processing/input/raw"
    assert str(arguments.output_dir) == "/opt/ml/processing/output"


def test_outputs_stand_under_the_base_name_in_the_bucket_of_the_stack() -> None:
    execution = prepared()

    name = execution["base_name"]
    for split in ("train", "validation", "test", "rejected", "report"):
        uri = execution["processing"][f"{split}_uri"]
        assert uri == f"s3://stack-bucket/preprocessing/{name}/{split}/"
    assert execution["training"]["output_uri"] == f"s3://stack-bucket/training/{name}"


def test_the_wait_is_given_with_spot_only() -> None:
    on_demand = prepared(training_use_spot=False)["training"]
    spot = prepared(training_use_spot=True)["training"]

    assert on_demand["stopping_condition"] == {"MaxRuntimeInSeconds": 700}
    assert spot["stopping_condition"] == {"MaxRuntimeInSeconds": 700, "MaxWaitTimeInSeconds": 9000}


@pytest.mark.parametrize(("use_spot", "limit"), [(False, 700), (True, 9000)])
def test_the_states_wait_longer_than_the_jobs_may_run(use_spot: bool, limit: int) -> None:
    execution = prepared(training_use_spot=use_spot)

    assert execution["training"]["timeout_seconds"] > limit
    assert execution["processing"]["timeout_seconds"] > SETTINGS["processing_max_runtime_seconds"]


def test_tags_are_given_as_sagemaker_takes_them() -> None:
    tags = prepared()["tags"]

    assert tags == [{"Key": "team", "Value": "pricing"}, {"Key": "stage", "Value": ""}]


def test_an_execution_is_a_trial_of_the_stacks_experiment() -> None:
    execution = prepared()

    assert execution["experiment"] == {"name": "abalone", "trial_name": execution["base_name"]}


def test_the_approval_is_that_of_the_settings() -> None:
    approval = prepared()["approval"]

    assert approval == {
        "policy": "automatic_if_better",
        "min_improvement": 0.1,
        "timeout_seconds": 900,
    }


def test_the_lineage_names_data_version_and_commit() -> None:
    lineage = prepared()["lineage"]

    assert lineage == {
        "input_data_uri": "s3://bucket/raw/",
        "input_data_version": "1 objects 9 bytes sha256:00",
        "git_commit": "0123abc",
        "started_by": "by hand",
    }


_PIPELINE = "pipeline-1624a1d1-3699-43f0-8e1e-6bafd7fde791"


@pytest.mark.parametrize(
    ("execution_input", "execution_name", "who"),
    [
        ({}, "run-1", "by hand"),
        ({}, _PIPELINE, "pipeline"),
        ({}, "pipeline-of-mine", "by hand"),
        ({"started_by": "schedule", "input": {"split_seed": 7}}, "x", "schedule"),
        ({"input": {"started_by": "nightly job"}}, "x", "nightly job"),
        ({"started_by": "nightly job"}, _PIPELINE, "nightly job"),
    ],
)
def test_who_started_an_execution_is_the_same_in_the_lineage_and_the_report(
    execution_input: dict[str, Any], execution_name: str, who: str
) -> None:
    settings = parse(execution_input)

    lineage = prepared(execution_name=execution_name, started_by=settings.started_by)["lineage"]

    assert lineage["started_by"] == who
    assert started_by(execution_input, execution_name) == who
    assert "started_by" not in fields_given(execution_input)


def test_the_pipelines_executions_are_named_as_they_are_known_by() -> None:
    template = (PROJECT_DIR / "pipeline.yaml").read_text(encoding="utf-8")

    (prefix,) = re.findall(r"ExecutionNamePrefix: (\S+)", template)

    assert f"{prefix}-" == _PIPELINE[: len(prefix) + 1]


METADATA_SHAPE = (
    Session()
    .get_service_model("sagemaker")
    .operation_model("CreateModelPackage")
    .input_shape.members["CustomerMetadataProperties"]
    .value
)


@given(st.text(max_size=2000))
def test_any_text_becomes_one_that_the_model_registry_takes(text: str) -> None:
    metadata = prepare.prepared.metadata_text(text)

    assert len(metadata) <= METADATA_SHAPE.metadata["max"]
    assert regex.fullmatch(METADATA_SHAPE.metadata["pattern"].strip("^$"), metadata) is not None


def test_without_a_batch_nothing_is_predicted_for() -> None:
    assert prepared()["batch"] == {"is_wanted": False}


def test_a_batchs_filters_tell_what_the_model_takes_from_the_rest() -> None:
    shape = Session().get_service_model("sagemaker").shape_for("JsonPath")
    batch = prepared(batch_data_uri="s3://bucket/rows/", features=100_000)["batch"]

    assert (batch["input_filter"], batch["output_filter"]) == ("$[0:100000]", "$[100000:]")
    assert len(batch["input_filter"]) < shape.metadata["max"]


def test_a_batch_is_written_where_the_models_role_may_read_it() -> None:
    batch = prepared(batch_data_uri="s3://bucket/rows/", features=10)["batch"]

    for name in ("rows", "rejected", "predictions"):
        assert re.fullmatch(
            rf"s3://stack-bucket/batch/run-1-[0-9a-f]{{8}}/{name}/", batch[f"{name}_uri"]
        )
    flags = dict(zip(batch["arguments"][::2], batch["arguments"][1::2], strict=True))
    assert flags["--max-rejected-share"] == "1e-05"
    assert "--test-share" not in flags
