"""A person's answer, given in the registry: what it leads to, and what leads to nothing."""

import uuid
from typing import Any

import pytest

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.gate.faults import Fault
from pocketaws.runtime import LocalRuntime
from tests.conftest import RunExecution
from tests.functional.asking import SOON_OVER_SECONDS, Ask, asking
from tests.pages import read_all


@pytest.fixture
def ask(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> Ask:
    return asking(runtime, stack, sample_uri)


@pytest.fixture
def recorded_name(runtime: LocalRuntime, stack: Stack) -> Any:
    """Tell which model is recorded now."""
    ssm = runtime.client("ssm")

    def name() -> str | None:
        try:
            parameter = ssm.get_parameter(Name=stack.outputs["ModelParameterName"])
        except ssm.exceptions.ParameterNotFound:
            return None
        return str(parameter["Parameter"]["Value"])

    return name


def test_an_approval_in_the_registry_releases_the_model(ask: Ask, recorded_name: Any) -> None:
    asked = ask()
    before = recorded_name()

    asked.decide("Approved", "better on the rows of the north")
    execution = asked.end()

    assert execution.status == "SUCCEEDED"
    assert before != recorded_name() == execution.output["recorded"]["ModelName"]
    assert execution.output["decision"]["description"] == "better on the rows of the north"
    question, released = asked.messages()
    assert "a person has to approve it" in question
    assert "better on the rows of the north" in released


def test_a_rejection_in_the_registry_ends_in_fail_with_the_persons_words(
    ask: Ask, recorded_name: Any
) -> None:
    asked = ask()
    before = recorded_name()

    asked.decide("Rejected", "the rows are last year's")
    execution = asked.end()

    assert (execution.status, execution.error) == ("FAILED", "ModelRejected")
    assert "the rows are last year's" in str(execution.cause)
    assert recorded_name() == before
    assert asked.status == "Rejected"
    _, refused = asked.messages()
    assert "the rows are last year's" in refused


def test_the_decision_about_one_version_leaves_the_other_execution_waiting(ask: Ask) -> None:
    first, second = ask(), ask()

    second.decide("Rejected")
    ended = second.end()

    assert ended.error == "ModelRejected"
    assert (first.execution_status, first.status) == ("RUNNING", "PendingManualApproval")
    first.decide("Approved")
    assert first.end().status == "SUCCEEDED"


def test_an_approval_in_another_group_resumes_nothing(runtime: LocalRuntime, ask: Ask) -> None:
    asked = ask()
    sagemaker = runtime.client("sagemaker")
    group_name = f"other-{uuid.uuid4()}"
    sagemaker.create_model_package_group(ModelPackageGroupName=group_name)
    package = sagemaker.describe_model_package(ModelPackageName=asked.package_arn)
    sagemaker.create_model_package(
        ModelPackageGroupName=group_name,
        InferenceSpecification=package["InferenceSpecification"],
        ModelApprovalStatus="Approved",
    )

    assert asked.execution_status == "RUNNING"
    asked.decide("Rejected")
    assert asked.end().error == "ModelRejected"


def test_what_nobody_answers_times_out_is_withdrawn_and_not_released_by_an_approval_afterwards(
    ask: Ask, recorded_name: Any
) -> None:
    before = recorded_name()
    asked = ask(approval_timeout_seconds=SOON_OVER_SECONDS)

    execution = asked.end()

    assert (execution.status, execution.error) == ("FAILED", "TaskTimedOut")
    assert recorded_name() == before
    assert asked.status == "Rejected"
    _, failed = asked.messages()
    assert "nobody approved or rejected the model in the registry in time" in failed

    asked.decide("Approved", "too late")

    assert asked.execution_status == "FAILED"
    assert recorded_name() == before


def test_an_execution_that_is_stopped_while_it_waits_is_told_and_withdrawn(
    runtime: LocalRuntime, ask: Ask
) -> None:
    asked = ask()

    runtime.client("stepfunctions").stop_execution(executionArn=asked.execution_arn)

    _, told = eventually(lambda: len(asked.messages()) == 2 and asked.messages())
    assert "was stopped" in told
    assert f"Model package withdrawn: {asked.package_arn}" in told
    assert asked.status == "Rejected"


def test_the_task_token_stands_in_no_message_and_no_log(
    runtime: LocalRuntime, stack: Stack, ask: Ask
) -> None:
    asked = ask()
    item = runtime.client("dynamodb").get_item(
        TableName=stack.resources["ApprovalTable"],
        Key={"model_package_arn": {"S": asked.package_arn}},
    )["Item"]
    token, key = item["task_token"]["S"], asked.link.rpartition("key=")[2]

    asked.decide("Approved")
    asked.end()

    logs = runtime.client("logs")
    events = [
        event["message"]
        for group in read_all(logs, "describe_log_groups")["logGroups"]
        for event in read_all(logs, "filter_log_events", logGroupName=group["logGroupName"])[
            "events"
        ]
    ]
    assert events
    assert not [text for text in (*asked.messages(), *events) if token in text]
    assert not [text for text in events if key in text]
    assert key not in str(item)


def test_a_candidate_that_is_not_better_than_production_is_asked_about(
    ask: Ask, run_locally: RunExecution
) -> None:
    run_locally()
    asked = ask(approval="automatic_if_better", approval_min_improvement=0.5)

    asked.decide("Approved")

    assert "50 % below is asked for" in asked.message
    assert asked.end().status == "SUCCEEDED"


def test_an_automatic_approval_asks_nobody_and_stands_in_the_registry(
    runtime: LocalRuntime, run_locally: RunExecution
) -> None:
    execution = run_locally(approval="automatic")

    package = runtime.client("sagemaker").describe_model_package(
        ModelPackageName=execution.output["package"]["ModelPackageArn"]
    )
    assert package["ModelApprovalStatus"] == "Approved"


def test_an_execution_that_fails_after_registering_withdraws_its_version(
    runtime: LocalRuntime, stack: Stack, run_locally: RunExecution
) -> None:
    recording = stack.resources["RecordModelNameFunction"]
    runtime.faults.append(Fault("lambda", "Invoke", "AccessDeniedException", subject=recording))

    execution = run_locally(approval="automatic")

    assert execution.status == "FAILED"
    listed = read_all(
        runtime.client("sagemaker"),
        "list_model_packages",
        ModelPackageGroupName=stack.outputs["ModelPackageGroupArn"].rpartition("/")[2],
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    assert listed["ModelPackageSummaryList"][0]["ModelApprovalStatus"] == "Rejected"
