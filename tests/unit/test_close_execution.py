"""Executions that ended without a word of their own: told, and their packages withdrawn."""

import datetime
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.modules import load

function = load("close_execution")
ARN = "arn:aws:states:eu-west-1:123456789012:execution:abalone:run-7"
GROUP = "abalone-0123"
PACKAGES = f"arn:aws:sagemaker:eu-west-1:123456789012:model-package/{GROUP}"
STARTED = datetime.datetime(2026, 11, 23, 5, tzinfo=datetime.UTC)


class NotThereError(Exception):
    """What the fake raises as a client's `exceptions.ParameterNotFound`."""


class FakeAccount:
    """One execution, the versions of one group, one parameter's history, one topic."""

    exceptions = SimpleNamespace(ParameterNotFound=NotThereError)

    def __init__(
        self, status: str, error: str | None = None, cause: str | None = None, **packages: str
    ) -> None:
        self.described = {"status": status, "error": error, "cause": cause, "startDate": STARTED}
        self.statuses = {f"{PACKAGES}/{name[1:]}": status for name, status in packages.items()}
        self.makers = dict.fromkeys(self.statuses, ARN)
        self.recorded: list[str] = []
        self.descriptions: list[str] = []
        self.published: list[dict[str, Any]] = []

    def describe_execution(self, **request: Any) -> dict[str, Any]:
        assert request == {"executionArn": ARN}
        return self.described

    def get_paginator(self, operation: str) -> SimpleNamespace:
        return SimpleNamespace(paginate=getattr(self, f"_{operation}"))

    def _list_model_packages(self, **request: Any) -> Iterator[dict[str, Any]]:
        assert request == {"ModelPackageGroupName": GROUP, "CreationTimeAfter": STARTED}
        for arn, status in list(self.statuses.items()):
            summary = {"ModelPackageArn": arn, "ModelApprovalStatus": status}
            yield {"ModelPackageSummaryList": [summary]}

    def _get_parameter_history(self, **request: Any) -> Iterator[dict[str, Any]]:
        assert request == {"Name": "/abalone/model-name"}
        if not self.recorded:
            raise NotThereError
        yield {"Parameters": [{"Value": name} for name in self.recorded]}

    def describe_model_package(self, **request: Any) -> dict[str, Any]:
        arn = request["ModelPackageName"]
        return {
            "ModelPackageArn": arn,
            "MetadataProperties": {"GeneratedBy": self.makers[arn]},
            "CustomerMetadataProperties": {"model_name": f"model-{arn.rpartition('/')[2]}"},
        }

    def update_model_package(self, **request: Any) -> None:
        self.statuses[request["ModelPackageArn"]] = request["ModelApprovalStatus"]
        self.descriptions.append(request["ApprovalDescription"])

    def publish(self, **request: Any) -> None:
        assert 0 < len(request["Subject"]) < 100
        assert request["Subject"].isascii()
        self.published.append(request)


def close(account: FakeAccount) -> list[str]:
    """Return the texts of what was published."""
    function.app.close(
        {"detail": {"executionArn": ARN, "status": account.described["status"]}},
        group_name=GROUP,
        parameter_name="/abalone/model-name",
        places=function.app.Places(
            "arn:aws:sns:eu-west-1:123456789012:abalone", "s3://bucket/reports/"
        ),
        sagemaker=account,
        sns=account,
        ssm=account,
        stepfunctions=account,
    )
    return [request["Message"] for request in account.published]


@pytest.mark.parametrize(
    ("status", "error"),
    [("SUCCEEDED", None), ("RUNNING", None), ("FAILED", "ModelRejected"), ("FAILED", "JobFailed")],
)
def test_an_end_that_the_execution_told_itself_is_left_alone(
    status: str, error: str | None
) -> None:
    account = FakeAccount(status, error, v1="PendingManualApproval")

    assert close(account) == []
    assert account.statuses[f"{PACKAGES}/1"] == "PendingManualApproval"


def test_a_failure_that_nothing_caught_is_told_with_its_cause() -> None:
    account = FakeAccount("FAILED", "States.Runtime", "The JSONPath '$.x' could not be found")

    (text,) = close(account)

    assert account.published[0]["Subject"] == "Execution failed: abalone, run-7"
    assert "An execution of abalone failed where no state could catch it." in text
    assert "Error: States.Runtime\nWhy: The JSONPath '$.x' could not be found" in text
    assert "Nothing was registered." in text


def test_an_execution_that_held_too_much_is_told_what_to_do() -> None:
    (text,) = close(FakeAccount("FAILED", "States.DataLimitExceeded", "maximum 262144 bytes"))
    (other,) = close(FakeAccount("FAILED", "States.Runtime", "no such path"))

    assert (
        "Why: maximum 262144 bytes\nAn execution's input and what its states hand on have" in text
    )
    assert "start it with a shorter input" in text
    assert "shorter input" not in other


@pytest.mark.parametrize(
    ("status", "subject", "how"),
    [
        ("ABORTED", "Execution aborted: abalone, run-7", "was stopped"),
        ("TIMED_OUT", "Execution timed out: abalone, run-7", "ran out of time"),
    ],
)
def test_an_execution_that_was_cut_short_is_told_and_its_version_withdrawn(
    status: str, subject: str, how: str
) -> None:
    account = FakeAccount(status, v3="PendingManualApproval")

    (text,) = close(account)

    assert account.published[0]["Subject"] == subject
    assert how in text
    assert f"Model package withdrawn: {PACKAGES}/3" in text
    assert account.statuses[f"{PACKAGES}/3"] == "Rejected"
    assert account.descriptions == [f"the execution ended as {status}"]


def test_a_retraining_that_could_not_be_started_is_told() -> None:
    account = FakeAccount("FAILED")
    queue_url = (
        "https://sqs.eu-west-1.amazonaws.com/123456789012/abalone-RetrainingDeadLetterQueue-x"
    )

    function.app.tell_alarm(
        {"source": "aws.cloudwatch", "detail": {"alarmName": "abalone-RetrainingNotStarted"}},
        queue_url=queue_url,
        topic_arn="arn:aws:sns:eu-west-1:123456789012:abalone",
        sns=account,
    )

    (published,) = account.published
    assert published["Subject"] == "Retraining not started: abalone"
    assert f"wait in {queue_url}." in published["Message"]


def test_a_message_that_could_not_be_sent_is_told() -> None:
    account = FakeAccount("FAILED")

    function.app.tell_alarm(
        {"source": "aws.cloudwatch", "detail": {"alarmName": "abalone-prod-message-not-sent"}},
        queue_url="",
        topic_arn="arn:aws:sns:eu-west-1:123456789012:abalone",
        sns=account,
    )

    (published,) = account.published
    assert published["Subject"] == "Message not sent: abalone-prod"
    assert "the log /aws/lambda/abalone-prod-send-message says why" in published["Message"]


def test_a_failure_that_its_own_message_did_not_tell_is_told() -> None:
    account = FakeAccount("FAILED", "MessageNotSent", "A state failed, and so did the message")

    (text,) = close(account)

    assert "failed, and the message about it could not be sent" in text
    assert "Why: A state failed, and so did the message" in text


def test_a_recorded_model_stays_approved() -> None:
    account = FakeAccount("FAILED", "States.Runtime", v3="Approved")
    account.recorded = ["model-2", "model-3"]

    close(account)

    assert account.statuses[f"{PACKAGES}/3"] == "Approved"


def test_versions_of_other_executions_and_decided_ones_stay() -> None:
    account = FakeAccount("ABORTED", v1="Approved", v2="Rejected", v3="PendingManualApproval")
    account.makers[f"{PACKAGES}/1"] = f"{ARN}-other"

    close(account)

    assert list(account.statuses.values()) == ["Approved", "Rejected", "Rejected"]
    assert len(account.descriptions) == 1


def test_control_characters_of_a_cause_are_not_sent() -> None:
    account = FakeAccount("FAILED", "States.Runtime", "a\x00b\x1b[0m")

    (text,) = close(account)

    assert "Why: a b [0m" in text
