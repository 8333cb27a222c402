"""What a rule's target is given, and whom a function's policy lets in."""

import json
from typing import Any

import pytest
from jsonpath_ng.ext.parser import parse

from pocketaws.events.events import event_for_targets, target_input, target_problems
from pocketaws.iam.function_policy import lets_anybody_use_url, lets_service_invoke

RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/decided"
EVENT = event_for_targets(
    {
        "version": "0",
        "time": 1795422872.9,
        "ingestion-time": 1795422873.0,
        "source": "shop",
        "detail": {"name": 'the "big"\none', "floor": 3, "list": [1, 2], "inner": {"a": None}},
    }
)
PATHS = {"name": "$.detail.name", "floor": "$.detail.floor", "inner": "$.detail.inner"}


def find(path: str, event: Any) -> list[Any]:
    return [match.value for match in parse(path).find(event)]


def given(target: dict[str, Any]) -> Any:
    return json.loads(target_input(target, EVENT, rule_arn=RULE_ARN, find=find))


def transformed(template: str) -> Any:
    return given({"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": template}})


def test_a_target_without_input_is_given_the_event() -> None:
    assert given({}) == EVENT
    assert EVENT["time"] == "2026-11-23T08:34:32Z"
    assert "ingestion-time" not in EVENT


@pytest.mark.parametrize(
    ("path", "found"), [("$.detail.floor", 3), ("$.detail.list[1]", 2), ("$.nothing", None)]
)
def test_an_input_path_picks_a_part(path: str, found: Any) -> None:
    assert given({"InputPath": path}) == found


def test_an_input_is_given_as_it_is() -> None:
    assert given({"Input": '{"a": "<name>"}'}) == {"a": "<name>"}


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ('{"n": <name>}', {"n": EVENT["detail"]["name"]}),
        ('{"n": "<name>!"}', {"n": EVENT["detail"]["name"] + "!"}),
        ('"floor <floor> of <name>"', "floor 3 of " + EVENT["detail"]["name"]),
        ('{"f": <floor>, "i": <inner>}', {"f": 3, "i": {"a": None}}),
        ('{"i": "<inner>"}', {"i": '{"a": null}'}),
        ('{"none": <unknown>, "text": "<unknown>"}', {"none": None, "text": ""}),
        ("<aws.events.event.json>", EVENT),
        (
            '{"r": <aws.events.rule-name>, "a": <aws.events.rule-arn>}',
            {"r": "decided", "a": RULE_ARN},
        ),
        ('{"a \\"quoted\\" <floor>": 1}', {'a "quoted" 3': 1}),
        ('{"less": "1 < 2 > 0"}', {"less": "1 < 2 > 0"}),
    ],
)
def test_a_template_is_filled_as_text_in_strings_and_as_json_elsewhere(
    template: str, made: Any
) -> None:
    assert transformed(template) == made


def machine_target(**changes: Any) -> dict[str, Any]:
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:w"
    return {"Id": "w", "Arn": arn, "RoleArn": "role", "Input": "{}", **changes}


def test_a_target_that_eventbridge_takes_has_no_problem() -> None:
    assert target_problems(machine_target()) == []
    assert target_problems({"Id": "q", "Arn": "arn:aws:sqs:us-east-1:123456789012:q"}) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"RoleArn": None}, "RoleArn is required for target arn:aws:states:"),
        ({"Input": '{"a": }'}, "JSON syntax error in input for target w"),
    ],
)
def test_a_target_that_eventbridge_refuses_is_told(changes: dict[str, Any], told: str) -> None:
    (problem,) = target_problems(machine_target(**changes))

    assert problem.startswith(told)


def permission(**changes: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Principal": {"Service": "events.amazonaws.com"},
        "Condition": {"ArnLike": {"AWS:SourceArn": RULE_ARN}},
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "lets"),
    [
        ({}, True),
        ({"Condition": {}}, True),
        ({"Condition": {"ArnLike": {"AWS:SourceArn": RULE_ARN[:-4] + "*"}}}, True),
        ({"Condition": {"ArnLike": {"AWS:SourceArn": RULE_ARN + "2"}}}, False),
        ({"Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}}}, True),
        ({"Condition": {"StringEquals": {"AWS:SourceAccount": "210987654321"}}}, False),
        ({"Action": "lambda:Invoke*"}, True),
        ({"Principal": "*"}, True),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, False),
        ({"Action": "lambda:InvokeFunctionUrl"}, False),
        ({"Effect": "Deny"}, False),
    ],
)
def test_a_rule_may_call_what_its_policy_lets_it(changes: dict[str, Any], lets: bool) -> None:
    statements = [permission(**changes)]

    assert lets is lets_service_invoke(
        statements, service="events.amazonaws.com", source_arn=RULE_ARN
    )


USE = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "lambda:InvokeFunctionUrl",
    "FunctionUrlAuthType": "NONE",
}
CALL = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "lambda:InvokeFunction",
    "InvokedViaFunctionUrl": True,
}


@pytest.mark.parametrize(
    ("statements", "lets"),
    [
        ([USE, CALL], True),
        ([USE, {**CALL, "InvokedViaFunctionUrl": "true"}], True),
        ([USE], False),
        ([CALL], False),
        ([], False),
        ([{**USE, "FunctionUrlAuthType": "AWS_IAM"}, CALL], False),
        ([USE, {**CALL, "Principal": {"Service": "events.amazonaws.com"}}], False),
        ([USE, {**CALL, "InvokedViaFunctionUrl": False}], False),
    ],
)
def test_a_url_is_open_with_both_permissions_only(
    statements: list[dict[str, Any]], lets: bool
) -> None:
    assert lets_anybody_use_url(statements) is lets
