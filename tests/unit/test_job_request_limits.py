"""What the states send, at its largest and held to botocore's models; an execution's history."""

import json
from typing import Any, Final

import pytest

from tests.unit.modules import PROJECT_DIR, load
from tests.unit.test_prepared import prepared
from tests.unit.test_sent_texts import EXECUTION_ARN, SHAPES, fits

find_production_model = load("find_production_model")
prepare_execution = load("prepare_execution")
DEFINITION: Final[dict[str, Any]] = json.loads(
    (PROJECT_DIR / "workflow" / "definition" / "definition.asl.json").read_text()
)
TASKS: Final = [state for state in DEFINITION["States"].values() if state["Type"] == "Task"]
MAX_EVENTS: Final = 25_000
# TaskScheduled, TaskStarted, TaskSubmitted, and how it ended; the state's own two come once.
EVENTS_OF_AN_ATTEMPT: Final = 4


def maximum(shape_name: str) -> int:
    shape = SHAPES.get_service_model("sagemaker").shape_for(shape_name)
    return int(shape.metadata["max"])


def of_the_evaluation() -> tuple[list[dict[str, Any]], list[str]]:
    uri = "s3://bucket/".ljust(1024, "k")
    fields = ("CandidateArtifactUri", "TrainUri", "TestUri", "JobScriptsUri", "EvaluationUri")
    inputs = find_production_model.job_inputs.inputs(
        dict.fromkeys(fields, uri), production_artifact_uri=uri, production_answers_uri=uri
    )
    arguments = find_production_model.job_inputs.arguments(with_production=True, with_answers=True)
    return inputs, arguments


def test_a_job_has_no_more_inputs_and_arguments_than_sagemaker_takes() -> None:
    inputs, arguments = of_the_evaluation()
    preprocessing = prepared()["processing"]["arguments"]
    declared = DEFINITION["States"]["Preprocess data"]["Parameters"]

    assert len(inputs) <= maximum("ProcessingInputs")
    assert len(declared["ProcessingInputs"]) <= maximum("ProcessingInputs")
    assert len(declared["ProcessingOutputConfig"]["Outputs"]) <= maximum("ProcessingOutputs")
    for texts in (arguments, preprocessing):
        assert len(texts) <= maximum("ContainerArguments")
        assert all(fits("sagemaker", "ContainerArgument", text) for text in texts)


def test_no_more_hyperparameters_can_be_given_than_a_job_takes() -> None:
    names = prepare_execution.hyperparameters.CHECKERS

    assert len(names) <= maximum("HyperParameters")
    assert all(fits("sagemaker", "HyperParameterKey", name) for name in names)


def test_an_executions_arn_is_one_that_the_registry_takes() -> None:
    assert fits("sagemaker", "MetadataPropertyValue", EXECUTION_ARN)


def test_a_version_has_no_more_metadata_than_the_registry_takes() -> None:
    metadata = DEFINITION["States"]["Register model"]["Parameters"]["CustomerMetadataProperties"]

    assert len(metadata) <= maximum("CustomerMetadataMap")
    for key in metadata:
        assert len(key.removesuffix(".$")) <= maximum("CustomerMetadataKey")


def test_an_execution_that_retries_all_it_may_has_room_in_its_history() -> None:
    attempts = [
        1 + sum(retrier.get("MaxAttempts", 3) for retrier in state.get("Retry", []))
        for state in TASKS
    ]
    events = EVENTS_OF_AN_ATTEMPT * sum(attempts) + 2 * len(DEFINITION["States"])

    assert events < MAX_EVENTS // 2


@pytest.mark.parametrize("name", ["Preprocess data", "Train model", "Evaluate model"])
def test_a_jobs_name_is_as_long_as_sagemaker_takes_and_no_longer(name: str) -> None:
    (expression,) = [
        value
        for key, value in DEFINITION["States"][name]["Parameters"].items()
        if key.endswith("JobName.$")
    ]

    # The base name has at most 47 characters; see test_prepared.py. A UUID's first part has 8.
    assert expression.startswith("States.Format('{}-{}', $.base_name, ")
    assert fits("sagemaker", "ProcessingJobName", "b" * 47 + "-" + "0" * 8)
    assert not fits("sagemaker", "ProcessingJobName", "b" * 64)
