"""Events reach the functions and state machines that rules name, as EventBridge brings them."""

import json
import logging
import sys
import threading
import uuid
from typing import Any

import pytest

from emulated.served import Served, deployed
from emulated.waiting import eventually
from pocketaws.runtime import LocalRuntime


@pytest.fixture(scope="module")
def served(runtime: LocalRuntime) -> Served:
    return deployed(runtime, "events")


def rung(**changes: Any) -> dict[str, Any]:
    """The detail of an event that the stack's rule wants, with a name of its own."""
    detail = {"name": f"n-{uuid.uuid4()}", "kind": "rung", "place": {"floor": 2}}
    return {**detail, **changes}


def after_everything(served: Served) -> None:
    """Wait until an event that was put last has been brought."""
    last = rung()
    served.ring(last)
    assert eventually(lambda: bool(served.notes(last["name"])))


def test_a_function_gets_the_event_that_its_rule_matches(served: Served) -> None:
    detail = rung()
    answer = served.ring(detail)

    assert eventually(lambda: bool(served.notes(detail["name"])))
    (event,) = served.notes(detail["name"])
    assert answer["FailedEntryCount"] == 0
    assert event.pop("time").endswith("Z")
    assert event == {
        "version": "0",
        "id": answer["Entries"][0]["EventId"],
        "source": "shop.bell",
        "detail-type": "Rung",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": ["bell"],
        "detail": detail,
    }


@pytest.mark.parametrize(
    "changes",
    [{"kind": "knocked"}, {"place": {"floor": 0}}, {"place": "first"}, {"place": {}}, {"kind": ""}],
)
def test_an_event_that_no_rule_matches_reaches_nobody(
    served: Served, changes: dict[str, Any]
) -> None:
    detail = rung(**changes)
    served.ring(detail)
    after_everything(served)

    assert served.notes(detail["name"]) == []


@pytest.mark.parametrize("failures", [1, 2])
def test_a_function_that_fails_is_asked_up_to_three_times(served: Served, failures: int) -> None:
    detail = rung(failures=failures)
    served.ring(detail)

    assert eventually(lambda: len(served.notes(detail["name"])) == failures + 1)
    after_everything(served)
    notes = served.notes(detail["name"])
    assert len(notes) == failures + 1
    assert len({note["id"] for note in notes}) == 1


def test_an_event_is_given_up_after_three_failures(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    detail = rung(failures=9)
    with caplog.at_level(logging.WARNING):
        served.ring(detail)
        # Another module's stack may hear the same bell.
        noted = served.stack.outputs["NotedName"]
        assert eventually(
            lambda: any("given up" in line and noted in line for line in caplog.messages)
        )

    assert len(served.notes(detail["name"])) == 3
    assert "RuntimeError" in caplog.text
    assert detail["name"] not in caplog.text


def test_a_targets_input_stands_for_the_event(served: Served) -> None:
    name = f"n-{uuid.uuid4()}"
    served.ring({"inner": {"name": name, "a": [1]}}, "Picked")
    served.ring({}, "Fixed")

    assert eventually(lambda: bool(served.notes(name) and served.notes("fixed")))
    assert served.notes(name) == [{"name": name, "a": [1]}]
    assert served.notes("fixed") == [{"name": "fixed"}]


def test_a_state_machine_is_started_with_what_the_transformer_makes(served: Served) -> None:
    step_functions = served.runtime.client("stepfunctions")
    machine_arn = served.stack.outputs["MachineArn"]
    served.ring({"name": 'the "big" one', "place": {"floor": 3}}, "Start")

    def executions() -> Any:
        return step_functions.list_executions(stateMachineArn=machine_arn)["executions"]

    assert eventually(lambda: len(executions()) == 1)
    described = step_functions.describe_execution(executionArn=executions()[0]["executionArn"])
    assert json.loads(described["input"]) == {
        "said": 'ring the "big" one',
        "name": 'the "big" one',
        "place": {"floor": 3},
        "rule": served.stack.outputs["StartRuleName"],
    }


@pytest.mark.parametrize("name", ["off", "nightly", "unpermitted"])
def test_a_rule_that_is_disabled_or_scheduled_or_without_permission_calls_nobody(
    served: Served, name: str
) -> None:
    before = served.notes(name)

    after_everything(served)

    assert served.notes(name) == before


def test_a_missing_permission_is_told(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        served.ring(rung())

    # Another module's stack may have a rule of that name.
    rule = served.stack.resources["UnpermittedRule"]
    (told,) = [line for line in caplog.messages if rule in line]
    assert "give the template an AWS::Lambda::Permission" in told


def test_a_target_that_is_not_run_here_is_told_and_harms_nobody(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    events = served.runtime.client("events")
    queue = served.runtime.client("sqs").create_queue(QueueName="bell")["QueueUrl"]
    targets = {
        "a": "arn:aws:sns:us-east-1:123456789012:t",
        "b": "arn:aws:sqs:us-east-1:123456789012:bell",
    }
    events.put_rule(Name="mixed", EventPattern='{"source": ["shop.bell"]}')
    events.put_targets(
        Rule="mixed", Targets=[{"Id": key, "Arn": arn} for key, arn in targets.items()]
    )
    detail = rung()
    with caplog.at_level(logging.WARNING):
        served.ring(detail)
    events.remove_targets(Rule="mixed", Ids=list(targets))
    events.delete_rule(Name="mixed")

    received = served.runtime.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(received[0]["Body"])["detail"] == detail
    assert "events are not brought to arn:aws:sns" in caplog.text


def test_a_rule_fires_again_once_it_is_enabled(served: Served) -> None:
    events = served.runtime.client("events")
    off_rule = served.stack.resources["OffRule"]
    events.enable_rule(Name=off_rule)
    served.ring(rung())
    assert eventually(lambda: bool(served.notes("off")))
    events.disable_rule(Name=off_rule)
    count = len(served.notes("off"))
    after_everything(served)

    assert len(served.notes("off")) == count


def test_nobody_speaks_for_aws(served: Served) -> None:
    entry = {"DetailType": "x", "Detail": "{}"}
    answer = served.runtime.client("events").put_events(
        Entries=[
            {**entry, "Source": "aws.sagemaker"},
            {**entry, "Source": "shop.bell"},
            {**entry, "Source": "aws.x"},
        ]
    )

    refused, taken, _ = answer["Entries"]
    assert answer["FailedEntryCount"] == 2
    assert refused["ErrorCode"] == "NotAuthorizedForSourceException"
    assert refused["ErrorMessage"] == "Not authorized for the source."
    assert "EventId" in taken


def test_a_table_is_as_its_template_says(served: Served) -> None:
    dynamodb, name = served.runtime.client("dynamodb"), served.stack.outputs["TableName"]
    table = dynamodb.describe_table(TableName=name)["Table"]
    time_to_live = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]

    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSEDescription"]["Status"] == "ENABLED"
    assert time_to_live == {"TimeToLiveStatus": "ENABLED", "AttributeName": "delete_at"}


def test_rules_and_group_and_table_go_with_their_stack(runtime: LocalRuntime) -> None:
    served = deployed(runtime, "events-gone")
    runtime.client("cloudformation").delete_stack(StackName="events-gone")

    rules = runtime.client("events").list_rules()["Rules"]
    groups = runtime.client("sagemaker").list_model_package_groups()
    tables = runtime.client("dynamodb").list_tables()["TableNames"]
    assert not [rule for rule in rules if rule["Name"].startswith("events-gone")]
    assert served.stack.outputs["GroupName"] not in str(groups["ModelPackageGroupSummaryList"])
    assert served.stack.outputs["TableName"] not in tables


def test_events_are_held_against_rules_that_change_meanwhile(runtime: LocalRuntime) -> None:
    client = runtime.client("events")
    ended = threading.Event()
    standing = [f"standing-{number}" for number in range(60)]
    for name in standing:
        client.put_rule(Name=name, EventPattern='{"source": ["nobody"]}')

    def make_and_delete() -> None:
        while not ended.is_set():
            name = f"rule-{uuid.uuid4()}"
            client.put_rule(Name=name, EventPattern='{"source": ["nobody"]}')
            client.delete_rule(Name=name)

    changing = threading.Thread(target=make_and_delete)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    changing.start()
    try:
        for _ in range(60):
            entries = [{"Source": "mine", "DetailType": "d", "Detail": "{}"}] * 10
            assert client.put_events(Entries=entries)["FailedEntryCount"] == 0
    finally:
        ended.set()
        changing.join()
        sys.setswitchinterval(before)
        for name in standing:
            client.delete_rule(Name=name)
