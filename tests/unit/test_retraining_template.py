"""What template.yaml makes of the parameters by which executions start by themselves."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.rendered_template import Rendered
from workflow.template import read_template

TEMPLATE: Final = read_template(Path(__file__).parents[2] / "template.yaml")
# What the SAM transform adds and the template refers to.
TEMPLATE["Resources"] |= {
    "PublishJobsFunction.Version": {"Type": "AWS::Lambda::Version"},
    "ApprovalPageFunctionUrl": {"Type": "AWS::Lambda::Url"},
}
NEW_DATA: Final = {"NewDataKey": "raw/*/_SUCCESS", "InputDataUri": "s3://houses/raw/"}
SCHEDULE: Final = {"RetrainingSchedule": "rate(7 days)"}
ALWAYS: Final = Rendered(TEMPLATE).resources.keys()


def added(**parameters: str) -> set[str]:
    return set(Rendered(TEMPLATE, **parameters).resources.keys() - ALWAYS)


def takes(name: str, value: str) -> bool:
    """Tell whether CloudFormation takes a value; the whole of it has to fit."""
    return re.fullmatch(TEMPLATE["Parameters"][name]["AllowedPattern"], value) is not None


def statement_of(role: dict[str, Any]) -> dict[str, Any]:
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    return dict(statement)


def actions_of(role: dict[str, Any]) -> dict[str, Any]:
    (policy,) = role["Policies"]
    return {item["Action"]: item["Resource"] for item in policy["PolicyDocument"]["Statement"]}


@pytest.mark.parametrize(
    "value",
    [
        *("", "rate(1 day)", "rate(12 hours)", "cron(0 3 ? * MON *)", "cron(0/30 8-18 L * ? *)"),
        "cron(0 3 ? JAN,JUL MON#1 2026-2028)",
    ],
)
def test_a_schedule_is_taken(value: str) -> None:
    assert takes("RetrainingSchedule", value)


@pytest.mark.parametrize(
    "value",
    [
        "daily",
        "rate(0 days)",
        "rate(1 week)",
        "cron(0 3 * * MON *)",
        "cron(0 3 ? * MON)",
        "0 3 * * *",
    ],
)
def test_a_schedule_that_eventbridge_would_refuse_is_refused_before(value: str) -> None:
    assert not takes("RetrainingSchedule", value)


@pytest.mark.parametrize("value", ["", "_SUCCESS", "raw/_SUCCESS", "raw/*/_SUCCESS", "*/a b.done"])
def test_a_key_that_names_an_object_is_taken(value: str) -> None:
    assert takes("NewDataKey", value)


@pytest.mark.parametrize("value", ["*", "raw/*", "raw/*.csv", "raw/**/_SUCCESS", "raw/", 'a"b'])
def test_a_key_that_would_match_every_object_of_an_upload_is_refused(value: str) -> None:
    assert not takes("NewDataKey", value)


@pytest.mark.parametrize(
    ("value", "fits"),
    [("{}", True), ('{"a": {"b": 1}}', True), ("", False), ("[]", False), ("max_mse=6", False)],
)
def test_the_input_is_an_object(value: str, fits: bool) -> None:
    assert takes("RetrainingInput", value) is fits


def test_each_trigger_adds_what_it_needs_and_nothing_else() -> None:
    queue = {
        "RetrainingDeadLetterQueue",
        *(f"RetrainingNotStarted{kind}" for kind in ("Alarm", "Rule", "Permission")),
    }
    rule = {"NewDataRule", "NewDataRole", "RetrainingDeadLetterQueuePolicy"}
    schedule = {"WorkflowSchedule", "WorkflowScheduleRole"}

    assert added(**SCHEDULE) == schedule | queue
    assert added(**NEW_DATA) == rule | queue
    assert added(**SCHEDULE, **NEW_DATA) == schedule | rule | queue


def test_the_bucket_tells_eventbridge_only_where_new_data_starts_executions() -> None:
    name = "NotificationConfiguration"

    assert name not in Rendered(TEMPLATE).resources["Bucket"]["Properties"]
    bucket = Rendered(TEMPLATE, **NEW_DATA).resources["Bucket"]["Properties"]
    assert bucket[name] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_the_rule_looks_at_the_bucket_of_the_data_and_at_the_key() -> None:
    rule = Rendered(TEMPLATE, **NEW_DATA).resources["NewDataRule"]["Properties"]

    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": ["houses"]},
            "object": {"key": [{"wildcard": "raw/*/_SUCCESS"}]},
        },
    }


def test_new_data_without_its_bucket_is_refused_with_the_remedy() -> None:
    (refusal,) = Rendered(TEMPLATE, NewDataKey="raw/_SUCCESS").refusals()

    assert "give InputDataUri, or leave NewDataKey empty" in refusal
    assert Rendered(TEMPLATE, **NEW_DATA).refusals() == []


@pytest.mark.parametrize("trigger", [SCHEDULE, NEW_DATA], ids=["schedule", "new data"])
def test_what_starts_executions_may_do_only_that_for_this_stack(trigger: dict[str, str]) -> None:
    whole = Rendered(TEMPLATE, RetrainingInput='{"max_mse": 5}', **trigger)
    name = "WorkflowSchedule" if trigger is SCHEDULE else "NewData"
    role = whole.resources[f"{name}Role"]["Properties"]
    queue = whole.resources["RetrainingDeadLetterQueue"]["Properties"]

    actions = actions_of(role)
    assert actions.pop("states:StartExecution") == "workflow"
    assert actions.keys() <= {"sqs:SendMessage"}
    conditions = statement_of(role)["Condition"]["StringEquals"]
    assert conditions["aws:SourceAccount"] == "123456789012"
    assert "*" not in conditions["aws:SourceArn"]
    assert queue["SqsManagedSseEnabled"] is True


def test_both_triggers_give_the_input_and_keep_what_they_could_not_start() -> None:
    whole = Rendered(TEMPLATE, RetrainingInput='{"max_mse": 5}', **SCHEDULE, **NEW_DATA)
    rule = whole.resources["NewDataRule"]["Properties"]
    (schedule,) = whole.of_type("AWS::Scheduler::Schedule").values()

    for target, name in ((schedule["Target"], "schedule"), (*rule["Targets"], "new data")):
        assert target["Arn"] == "workflow"
        assert json.loads(target["Input"]) == {"started_by": name, "input": {"max_mse": 5}}
        assert target["DeadLetterConfig"]["Arn"].endswith("retrainingdeadletterqueue")
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0


def test_the_rules_role_trusts_this_rule_only() -> None:
    whole = Rendered(TEMPLATE, **NEW_DATA)
    rule = whole.resources["NewDataRule"]["Properties"]
    role = whole.resources["NewDataRole"]["Properties"]
    (policy,) = whole.of_type("AWS::SQS::QueuePolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]

    arn = f"arn:aws:events:eu-west-1:123456789012:rule/{rule['Name']}"
    assert statement_of(role)["Condition"]["StringEquals"]["aws:SourceArn"] == arn
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == arn
