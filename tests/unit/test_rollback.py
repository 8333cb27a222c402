"""`workflow rollback`: which model it goes back to, what it writes, and that it stays so."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.answers import refusal, validate
from tests.unit.parameter_store import NAME, FakeParameterStore, event, record
from workflow.account import rollback
from workflow.account.model_history import Version, read_history
from workflow.errors import WorkflowError

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
S3_URI = "s3://bucket/training/run/model.tar.gz"


def recorded(*minutes: int) -> FakeParameterStore:
    """Return a store in which the workflow's own function has recorded these executions."""
    ssm = FakeParameterStore()
    for minute in minutes:
        record(event(minute), ssm)
    return ssm


def plan(ssm: FakeParameterStore, to: str | None = None) -> rollback.RollbackPlan:
    return rollback.plan_rollback(read_history(NAME, ssm=ssm), name=NAME, to=to, now=NOW)


def roll_back(ssm: FakeParameterStore, to: str | None = None) -> str:
    rollback.write(plan(ssm, to), ssm=ssm)
    return ssm.current


class FakeSageMaker:
    """One model, or none."""

    def __init__(self, **container: Any) -> None:
        self.container = container

    def describe_model(self, **request: Any) -> dict[str, Any]:
        validate("sagemaker", "DescribeModel", request)
        if not self.container:
            raise refusal("DescribeModel", "ValidationException", 'Could not find model "arn".')
        return {"PrimaryContainer": self.container}


class FakeS3:
    """Answers HEAD with a status, and keeps what was asked for."""

    def __init__(self, code: str = "200") -> None:
        self.code = code
        self.asked: list[dict[str, Any]] = []

    def head_object(self, **request: Any) -> dict[str, Any]:
        validate("s3", "HeadObject", request)
        self.asked.append(request)
        if self.code != "200":
            raise refusal("HeadObject", self.code, "Not Found")
        return {}


def test_it_goes_back_to_the_model_before_the_recorded_one() -> None:
    assert roll_back(recorded(1, 2, 3)) == "model-2"


def test_repeats_of_the_recorded_model_are_skipped() -> None:
    ssm = recorded(1, 2)
    ssm.write_by_hand("model-2")

    assert roll_back(ssm) == "model-1"


def test_going_back_twice_goes_back_two_models() -> None:
    ssm = recorded(1, 2, 3)

    roll_back(ssm)

    assert roll_back(ssm) == "model-1"


def test_what_was_taken_back_is_not_gone_back_to() -> None:
    ssm = recorded(1, 2)
    roll_back(ssm)
    record(event(3), ssm)

    assert roll_back(ssm) == "model-1"


def test_a_named_model_that_was_taken_back_can_be_recorded_again() -> None:
    ssm = recorded(1, 2)
    roll_back(ssm)

    assert roll_back(ssm, to="model-2") == "model-2"


def test_an_execution_that_started_before_the_rollback_does_not_bring_the_newer_model_back() -> (
    None
):
    ssm = recorded(1, 4)
    roll_back(ssm)

    # Started before the model that was taken back, ends after the rollback.
    answer = record(event(3), ssm)

    assert answer["Recorded"]
    assert ssm.current == "model-3"


def test_the_state_that_recorded_the_older_model_does_not_undo_a_rollback_when_it_runs_again() -> (
    None
):
    ssm = recorded(1, 2)
    roll_back(ssm)

    answer = record(event(1), ssm)

    assert answer["Recorded"]
    assert ssm.current == "model-1"
    assert len(ssm.history) == 3


def test_a_model_recorded_after_a_rollback_takes_its_place() -> None:
    ssm = recorded(1, 2)
    roll_back(ssm)

    record(event(5), ssm)

    assert ssm.current == "model-5"


def test_the_description_keeps_what_is_known_of_the_model() -> None:
    ssm = recorded(1, 2)
    before = json.loads(ssm.history[0]["Description"])

    roll_back(ssm)

    after = json.loads(ssm.history[-1]["Description"])
    model_name = before.pop("model")
    assert after == {
        "rolled_back_to": model_name,
        "rolled_back_from": "model-2",
        "rolled_back_at": "2026-11-23T12:00:00+00:00",
        **before,
    }


def test_what_is_known_survives_several_rollbacks() -> None:
    ssm = recorded(1, 2)
    roll_back(ssm)
    roll_back(ssm, to="model-2")

    roll_back(ssm, to="model-1")

    version = read_history(NAME, ssm=ssm)[-1]
    assert version.metrics == {"mse": 4.8}
    assert version.execution_arn == event(1)["ExecutionArn"]
    assert version.rolled_back_from == "model-2"


def test_a_description_that_would_be_too_long_loses_metrics() -> None:
    ssm = FakeParameterStore()
    metrics = {f"metric_{number:02}": 0.123456 for number in range(37)}
    record({**event(1), "Metrics": metrics}, ssm)
    record(event(2), ssm)
    assert len(ssm.history[0]["Description"]) > 950

    roll_back(ssm)

    version = read_history(NAME, ssm=ssm)[-1]
    assert version.package_arn == event(1)["ModelPackageArn"]
    assert 0 < len(version.metrics) < 37


def test_a_model_that_was_recorded_by_hand_can_be_gone_back_to() -> None:
    ssm = FakeParameterStore()
    ssm.write_by_hand("by-hand")
    record(event(1), ssm)

    assert roll_back(ssm) == "by-hand"
    assert json.loads(ssm.history[-1]["Description"])["rolled_back_from"] == "model-1"


def test_a_model_that_was_never_recorded_is_refused_with_those_that_were() -> None:
    with pytest.raises(WorkflowError) as caught:
        plan(recorded(1, 2, 3), to="model-9")

    assert str(caught.value) == (
        f"--to model-9: was never recorded in {NAME}; --to takes: model-2, model-1"
    )


def test_the_recorded_model_itself_is_refused() -> None:
    with pytest.raises(WorkflowError, match="--to model-2: is the recorded model already"):
        plan(recorded(1, 2), to="model-2")


def test_a_first_model_has_nothing_before_it() -> None:
    with pytest.raises(WorkflowError, match="no model was recorded before it"):
        plan(recorded(1))


def test_without_a_parameter_there_is_nothing_to_go_back_to() -> None:
    with pytest.raises(WorkflowError, match="does not exist, so no model was ever recorded"):
        plan(FakeParameterStore())


def test_a_write_of_somebody_else_in_between_is_told() -> None:
    ssm = recorded(1, 2)
    planned = plan(ssm)
    record(event(3), ssm)

    with pytest.raises(WorkflowError, match="written by somebody else after version 2 was read"):
        rollback.write(planned, ssm=ssm)


def test_a_model_that_exists_with_its_artifact_can_be_gone_back_to() -> None:
    s3 = FakeS3()

    rollback.check_model("run", sagemaker=FakeSageMaker(ModelDataUrl=S3_URI), s3=s3)

    assert s3.asked == [{"Bucket": "bucket", "Key": "training/run/model.tar.gz"}]


def test_a_model_that_was_deleted_is_refused() -> None:
    with pytest.raises(WorkflowError, match="the model run was deleted from SageMaker; name ano"):
        rollback.check_model("run", sagemaker=FakeSageMaker(), s3=FakeS3())


def test_a_model_whose_artifact_was_deleted_is_refused() -> None:
    source = {"S3DataSource": {"S3Uri": S3_URI, "S3DataType": "S3Object"}}

    with pytest.raises(WorkflowError, match=r"artifact s3://bucket/training/run/model\.tar\.gz of"):
        rollback.check_model(
            "run", sagemaker=FakeSageMaker(ModelDataSource=source), s3=FakeS3("404")
        )


def test_an_artifact_that_may_not_be_looked_at_is_an_error_and_not_a_deletion() -> None:
    with pytest.raises(ClientError):
        rollback.check_model("run", sagemaker=FakeSageMaker(ModelDataUrl=S3_URI), s3=FakeS3("403"))


def test_the_plan_shows_both_models() -> None:
    text = rollback.plan_text(plan(recorded(1, 2)))

    assert text.splitlines() == [
        f"parameter   {NAME}",
        "recorded    model-2 (version 2)",
        "back to     model-1 (of version 1, written unknown time)",
        "metrics     mse 4.8",
        f"execution   {event(1)['ExecutionArn']}",
    ]


@pytest.mark.parametrize(
    "description",
    ["", "by hand", "[]", "{", '{"model": "another", "mse": 1}', '{"mse": 1}', "[" * 900],
)
def test_a_description_that_is_not_about_the_model_tells_nothing(description: str) -> None:
    ssm = FakeParameterStore()
    ssm.write_by_hand("model", description)

    assert read_history(NAME, ssm=ssm) == [Version(1, "model")]
