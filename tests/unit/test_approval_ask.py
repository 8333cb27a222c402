"""Asking a person: what is stored, what the message says, and what becomes of an early decision."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.approval_world import (
    EVENT,
    LEFT_OUT,
    NOW,
    PACKAGE_ARN,
    TASK_TOKEN,
    TOPIC_ARN,
    World,
    function,
    moto_dynamodb,
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
        yield created


def test_the_message_says_what_why_with_which_numbers_how_and_until_when(world: World) -> None:
    query = world.ask()

    (published,) = world.sns.published
    assert published["TopicArn"] == TOPIC_ARN
    assert published["Subject"] == "Approval needed: abalone, version 12, run-7-0a1b2c3d"
    assert published["MessageAttributes"]["kind"]["StringValue"] == "approval"
    assert (
        published["Message"]
        == f"""\
abalone trained a model that is good enough, and a person has to approve it.

Model: run-7-0a1b2c3d
Model package: {PACKAGE_ARN}
Why you are asked: a person decides, as the policy 'required' says
Why it passed the gate: mse 5.37 is at most max_mse 6.0

Numbers, on 608 rows:
  mse of the candidate   5.37
Compared with run-6 (version 3 of /abalone/model-name)
Data: 84 of 4177 rows were left out (unknown sex: 84)

Look at it and decide here (whoever has this link can decide; do not pass it on):
https://abcdefg.lambda-url.eu-west-1.on.aws/?{query}

Or decide with the AWS CLI:
aws sagemaker update-model-package --region eu-west-1 --model-package-arn {PACKAGE_ARN} \
--model-approval-status Approved --approval-description 'why'
(or Rejected in place of Approved)

Decide until 2026-11-23 09:20 UTC.
After that the model is not released.

Report: https://eu-west-1.console.aws.amazon.com/s3/object/bucket?region=eu-west-1&\
prefix=reports%2Frun-7%2Freport.html
Execution: run-7
https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/\
arn:aws:states:eu-west-1:123456789012:execution:abalone:run-7"""
    )


def test_a_stack_without_a_page_sends_the_command_alone(world: World) -> None:
    world.ask(page_url="")

    message = world.sns.published[0]["Message"]
    assert "key=" not in message
    assert "Look at it" not in message
    assert "\n\nDecide with the AWS CLI:\naws sagemaker update-model-package" in message


def test_the_question_is_stored_with_the_hash_of_the_key_alone(world: World) -> None:
    query = world.ask()

    key = query.rpartition("key=")[2]
    item = world.item()
    assert item == {
        "model_package_arn": PACKAGE_ARN,
        "task_token": TASK_TOKEN,
        "link_sha256": function.link.sha256_of(key),
        "execution_arn": EVENT["ExecutionArn"],
        "model_name": "run-7-0a1b2c3d",
        "evaluation_uri": "s3://bucket/evaluation/run-7/",
        "reason": EVENT["Reason"],
        "approval_reason": EVENT["ApprovalReason"],
        "numbers": [{"S": line} for line in EVENT["Numbers"]],  # type: ignore[attr-defined]
        "compared": EVENT["Compared"],
        "left_out": LEFT_OUT,
        "report_uri": "s3://bucket/reports/run-7/report.html",
        "expires_at": str(NOW + 3600),
        "delete_at": str(NOW + 3600 + 30 * 24 * 3600),
    }
    assert key not in str(item)


def test_every_question_has_a_key_of_its_own_that_cannot_be_guessed(world: World) -> None:
    queries = {world.ask() for _ in range(3)}

    assert len(queries) == 3
    assert all(query.startswith("version=12&key=") for query in queries)
    assert all(len(query) == len("version=12&key=") + 43 for query in queries)


def test_a_retried_state_has_a_new_token_and_the_old_decision_is_forgotten(world: World) -> None:
    world.post(world.ask(), "decision=approve")
    world.sagemaker.decide("PendingManualApproval")
    world.now += 60

    world.ask(TaskToken="another")

    item = world.item()
    assert item["task_token"] == "another"
    assert item["expires_at"] == str(NOW + 60 + 3600)
    assert "decision" not in item


def test_a_package_that_is_approved_already_resumes_at_once_and_nobody_is_asked(
    world: World,
) -> None:
    world.sagemaker.decide("Approved", ApprovalDescription="in the console")

    world.ask(page_url="")

    assert [sent["operation"] for sent in world.stepfunctions.sent] == ["SendTaskSuccess"]
    assert world.sns.published == []
    assert world.item()["decision"] == "Approved"


def test_a_package_that_is_rejected_already_fails_at_once(world: World) -> None:
    world.sagemaker.decide("Rejected")

    world.ask(page_url="")

    assert [sent["error"] for sent in world.stepfunctions.sent] == ["ModelRejected"]


def test_a_message_that_cannot_be_sent_fails_and_a_retry_asks_again(world: World) -> None:
    world.sns.refusal = refusal("ThrottlingException", "Publish")
    with pytest.raises(type(world.sns.refusal)):
        world.ask()
    world.sns.refusal = None

    assert world.visit(world.ask(TaskToken="another"))["statusCode"] == 200


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"TaskToken": None}, r"TaskToken must be \$\$.Task.Token .*, got NoneType"),
        ({"TaskToken": ""}, r"TaskToken must be"),
        ({"ExecutionArn": "run-7"}, r"ExecutionArn must be .*, got 'run-7'"),
        ({"ModelPackageArn": "abalone/12"}, r"ModelPackageArn must be .*, got 'abalone/12'"),
        ({"ModelPackageArn": PACKAGE_ARN[:-3]}, r"the ARN of a version of a model package group"),
        ({"ModelPackageArn": None}, r"ModelPackageArn must be .*, got None"),
        ({"ModelName": ""}, r"ModelName must be a text that is not empty, got ''"),
        ({"Reason": 5}, r"Reason must be a text that is not empty, got 5"),
        ({"ApprovalReason": None}, r"ApprovalReason must be"),
        ({"Numbers": "mse"}, r"Numbers must be a list of lines of text, got 'mse'"),
        ({"Numbers": [1]}, r"Numbers must be a list of lines of text, got \[1\]"),
        ({"Compared": 7}, r"Compared must be a sentence or null, got 7"),
        ({"EvaluationUri": None}, r"EvaluationUri must be"),
        ({"TimeoutSeconds": 0}, r"TimeoutSeconds must be .*, got 0"),
        ({"TimeoutSeconds": True}, r"TimeoutSeconds must be"),
        ({"TimeoutSeconds": "60"}, r"TimeoutSeconds must be .*, got '60'"),
    ],
)
def test_an_event_that_cannot_be_asked_is_told_by_field(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told) as raised:
        function.question.parse_question({**EVENT, **changes})

    assert TASK_TOKEN not in str(raised.value)


def test_the_token_stays_out_of_what_is_printed() -> None:
    assert TASK_TOKEN not in repr(function.question.parse_question(EVENT))


def test_nothing_to_compare_with_is_left_out(world: World) -> None:
    world.ask(Compared=None, Preprocessing=None)

    assert "  mse of the candidate   5.37\n\nLook at it" in world.sns.published[0]["Message"]


def test_long_and_odd_texts_are_fitted_to_what_sns_takes(world: World) -> None:
    world.ask(ModelName="modèle\n" + "x" * 200, Reason="\x00" + "日" * 90_000)

    (published,) = world.sns.published
    assert published["Subject"].startswith("Approval needed: abalone, version 12, mod?le xxx")
    assert published["Subject"].endswith("...")
    assert "\x00" not in published["Message"]
