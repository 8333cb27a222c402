"""Resuming: the registry's word reaches the waiting execution once, however often it is told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.approval_world import (
    NOW,
    PACKAGE_ARN,
    TASK_TOKEN,
    USER_ARN,
    World,
    function,
    moto_dynamodb,
    package,
    refusal,
)
from tests.unit.approval_world import world as new_world

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with moto_dynamodb() as client:
        yield client


@pytest.fixture
def world(dynamodb: Any, caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    with new_world(dynamodb, caplog) as created:
        created.ask()
        yield created


def test_an_approval_goes_on_with_why_and_by_whom(world: World) -> None:
    world.sagemaker.decide("Approved", ApprovalDescription="looks right")

    world.raise_event()

    (sent,) = world.stepfunctions.sent
    assert sent["operation"] == "SendTaskSuccess"
    assert json.loads(sent["output"]) == {
        "decision": "Approved",
        "description": "looks right",
        "decided_by": USER_ARN,
    }
    item = world.item()
    assert (item["decision"], item["decided_at"]) == ("Approved", str(NOW))
    assert "task_token" not in item


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        (
            {"ApprovalDescription": "too many\noutliers"},
            f"model package abalone-dev/12 was rejected by {USER_ARN}: too many outliers",
        ),
        ({}, f"model package abalone-dev/12 was rejected by {USER_ARN}: no reason was given"),
        (
            {"LastModifiedBy": {"UserProfileName": "ada"}, "ApprovalDescription": "no"},
            "model package abalone-dev/12 was rejected by ada: no",
        ),
        (
            {"LastModifiedBy": {}, "ApprovalDescription": "no"},
            "model package abalone-dev/12 was rejected: no",
        ),
    ],
)
def test_a_rejection_fails_the_state_in_plain_words(
    world: World, fields: dict[str, Any], cause: str
) -> None:
    world.sagemaker.decide("Rejected", **fields)

    world.raise_event()

    assert world.stepfunctions.sent == [
        {"operation": "SendTaskFailure", "error": "ModelRejected", "cause": cause}
    ]
    assert world.item()["decision"] == "Rejected"


def test_who_decided_is_null_where_the_registry_does_not_say(world: World) -> None:
    world.sagemaker.decide("Approved")
    del world.sagemaker.packages[PACKAGE_ARN]["LastModifiedBy"]

    world.raise_event()

    assert json.loads(world.stepfunctions.sent[0]["output"]) == {
        "decision": "Approved",
        "description": None,
        "decided_by": None,
    }


def test_the_registry_counts_and_not_the_event(world: World) -> None:
    world.sagemaker.decide("Rejected")

    # An event of an approval that somebody has taken back since looks the same.
    world.raise_event()

    assert [sent["operation"] for sent in world.stepfunctions.sent] == ["SendTaskFailure"]


def test_a_package_that_waits_resumes_nothing(world: World) -> None:
    done = world.raise_event()

    assert done.endswith("nothing is decided, its status is PendingManualApproval")
    assert world.stepfunctions.sent == []
    assert "task_token" in world.item()


def test_events_that_come_again_or_late_change_nothing(world: World) -> None:
    world.sagemaker.decide("Approved")
    world.raise_event()
    world.sagemaker.decide("Rejected")

    assert world.raise_event().endswith("it is Rejected and no execution waits for it")
    assert len(world.stepfunctions.sent) == 1
    assert world.item()["decision"] == "Approved"


@pytest.mark.parametrize("error", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
@pytest.mark.parametrize("status", ["Approved", "Rejected"])
def test_a_spent_token_is_no_error(world: World, error: str, status: str) -> None:
    world.stepfunctions.waiting.clear()
    world.stepfunctions.spent_error = error
    world.sagemaker.decide(status)

    done = world.raise_event()

    assert done.endswith(f"it is {status} and the execution no longer waits: {error}")
    assert TASK_TOKEN not in done
    assert "task_token" not in world.item()


def test_a_question_asked_anew_meanwhile_keeps_its_token(world: World) -> None:
    world.sagemaker.decide("Approved")
    found = function.registry.describe(PACKAGE_ARN, sagemaker=world.sagemaker)
    world.sagemaker.decide("PendingManualApproval")
    world.ask(TaskToken="another")

    function.store.close(
        PACKAGE_ARN, found.status, task_token=TASK_TOKEN, now=NOW, table=world.table
    )

    assert world.item()["task_token"] == "another"
    assert "decision" not in world.item()


@pytest.mark.parametrize(
    ("arn", "group_name", "told"),
    [
        (PACKAGE_ARN.replace("/12", "/13"), "abalone-dev", "the registry does not know it"),
        (PACKAGE_ARN.replace("dev", "prod"), "abalone-prod", "it is of another group"),
        (PACKAGE_ARN.replace("dev", "prod"), "abalone-dev", "it is of another group"),
        (PACKAGE_ARN.replace("/12", "/14"), "abalone-dev", "no execution waits for it"),
        ("abalone-dev/12", "abalone-dev", "the event names no version"),
        ("x\nFAKE LOG LINE", "abalone-dev", "the event names no version"),
        (None, "abalone-dev", "the event names no version"),
    ],
)
def test_what_is_not_ours_or_not_asked_about_is_logged_and_left(
    world: World, arn: Any, group_name: str, told: str
) -> None:
    unasked, foreign = PACKAGE_ARN.replace("/12", "/14"), PACKAGE_ARN.replace("dev", "prod")
    world.sagemaker.packages[unasked] = {**package(), "ModelApprovalStatus": "Approved"}
    world.sagemaker.packages[foreign] = {
        **package(),
        "ModelPackageGroupName": "abalone-prod",
        "ModelApprovalStatus": "Approved",
    }

    done = world.raise_event(arn, group_name)

    assert told in done
    assert "FAKE" not in world.caplog.text
    assert world.stepfunctions.sent == []


@pytest.mark.parametrize("event", [{}, {"detail": None}, {"detail": []}, {"detail": {}}])
def test_an_event_without_a_package_is_left(event: dict[str, Any]) -> None:
    done = function.resume.resume(
        event, group_name="g", table=None, sagemaker=None, stepfunctions=None, now=NOW
    )

    assert done == "the event names no version of a model package group"


def test_a_refusal_of_the_registry_is_an_error_so_that_lambda_tries_again(world: World) -> None:
    world.sagemaker.refusal = refusal("ThrottlingException", "DescribeModelPackage")

    with pytest.raises(ClientError, match="ThrottlingException"):
        world.raise_event()
    world.sagemaker.refusal = None
    world.sagemaker.decide("Approved")

    assert "the execution goes on" in world.raise_event()
