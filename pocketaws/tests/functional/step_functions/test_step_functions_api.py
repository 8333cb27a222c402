"""Step Functions' API answers as AWS's does."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated import state_machines
from emulated.machines import alone, machine
from emulated.state_machines import SDK, Machines
from emulated.waiting import eventually
from pocketaws.runtime import LocalRuntime

PASS = alone(Type="Pass")


@pytest.fixture(scope="module")
def made(runtime: LocalRuntime) -> Machines:
    return state_machines.of(runtime, "engine-api")


@pytest.fixture(scope="module")
def sfn(runtime: LocalRuntime) -> Any:
    return runtime.client("stepfunctions")


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_wrong_definition_is_refused_with_each_thing_that_is_wrong(
    made: Machines, sfn: Any
) -> None:
    definition = machine(A={"Type": "Pass", "Next": "X"}, B={"Type": "Succeed"})
    code, message = refusal(
        sfn.create_state_machine,
        name="wrong",
        roleArn=made.role_arn,
        definition=json.dumps(definition),
    )

    assert code == "InvalidDefinition"
    assert message == (
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: X at "
        '/States/A/Next, MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B\''
    )


def test_a_name_is_used_again_for_the_same_machine_only(made: Machines, sfn: Any) -> None:
    first = made.create(PASS, name="used")
    assert made.create(PASS, name="used") == first
    code, message = refusal(
        sfn.create_state_machine,
        name="used",
        roleArn=made.role_arn,
        definition=json.dumps(alone(Type="Succeed")),
    )

    assert (code, message) == (
        "StateMachineAlreadyExists",
        f"State Machine Already Exists: '{first}'",
    )
    assert json.loads(sfn.describe_state_machine(stateMachineArn=first)["definition"]) == PASS


def test_an_execution_is_described_with_what_became_of_it(
    runtime: LocalRuntime, made: Machines, sfn: Any
) -> None:
    execution = made.run(alone(Type="Fail", Error="E", Cause="C"), {"a": 1})
    described = sfn.describe_execution(executionArn=execution.arn)

    assert {name: described[name] for name in ("status", "error", "cause", "input")} == {
        "status": "FAILED",
        "error": "E",
        "cause": "C",
        "input": '{"a": 1}',
    }
    assert described["inputDetails"] == {"included": True}
    assert (described["redriveCount"], described["redriveStatus"]) == (0, "REDRIVABLE")
    assert described["stopDate"] >= described["startDate"]


def test_stopping_answers_with_the_time_and_keeps_error_and_cause(
    runtime: LocalRuntime, made: Machines, sfn: Any
) -> None:
    arn = runtime.start_execution(made.create(alone(Type="Wait", Seconds=60)), {})
    stopped = sfn.stop_execution(executionArn=arn, error="Enough", cause="by Ann")
    described = sfn.describe_execution(executionArn=arn)

    assert stopped["stopDate"] == described["stopDate"]
    assert (described["status"], described["error"], described["cause"]) == (
        "ABORTED",
        "Enough",
        "by Ann",
    )
    assert refusal(sfn.stop_execution, executionArn=arn + "x")[0] == "ExecutionDoesNotExist"


def test_an_execution_is_redriven(runtime: LocalRuntime, made: Machines, sfn: Any) -> None:
    name = f"/engine/{uuid.uuid4()}"
    get = {
        "Type": "Task",
        "Resource": SDK + "ssm:getParameter",
        "Parameters": {"Name": name},
        "End": True,
    }
    arn = made.create(machine(A={"Type": "Pass", "Next": "B"}, B=get))
    execution = runtime.run(arn, {})
    assert execution.error == "Ssm.ParameterNotFoundException"
    runtime.client("ssm").put_parameter(Name=name, Value="there", Type="String")
    redriven = sfn.redrive_execution(executionArn=execution.arn)
    again = runtime.wait(execution.arn)

    assert again.output["Parameter"]["Value"] == "there"
    described = sfn.describe_execution(executionArn=execution.arn)
    assert (described["redriveCount"], described["redriveDate"]) == (1, redriven["redriveDate"])
    listed = sfn.list_executions(stateMachineArn=arn, redriveFilter="REDRIVEN")["executions"]
    assert [item["executionArn"] for item in listed] == [execution.arn]
    code, message = refusal(sfn.redrive_execution, executionArn=execution.arn)
    assert code == "ExecutionNotRedrivable"
    assert message == "Execution is SUCCEEDED and cannot be redriven"


def test_versions_and_aliases_run_what_they_were_published_with(
    runtime: LocalRuntime, made: Machines, sfn: Any
) -> None:
    arn = made.create(alone(Type="Pass", Result=1))
    first = sfn.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    assert sfn.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"] == first
    updated = sfn.update_state_machine(
        stateMachineArn=arn, definition=json.dumps(alone(Type="Pass", Result=2)), publish=True
    )
    second = updated["stateMachineVersionArn"]
    alias = sfn.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": first, "weight": 100}]
    )["stateMachineAliasArn"]

    outputs = [runtime.run(started, {}).output for started in (arn, first, second, alias)]
    assert outputs == [2, 1, 2, 1]
    listed = sfn.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    assert [item["stateMachineVersionArn"] for item in listed] == [second, first]
    by_alias = sfn.list_executions(stateMachineArn=alias)["executions"]
    assert [
        (item["stateMachineAliasArn"], item["stateMachineVersionArn"]) for item in by_alias
    ] == [(alias, first)]
    code, _ = refusal(sfn.delete_state_machine_version, stateMachineVersionArn=first)
    assert code == "ConflictException"
    sfn.delete_state_machine_version(stateMachineVersionArn=second)
    assert refusal(sfn.start_execution, stateMachineArn=second)[0] == "StateMachineDoesNotExist"


def test_what_is_made_again_is_there_already(made: Machines, sfn: Any) -> None:
    arn = made.create(PASS)
    updated = sfn.update_state_machine(
        stateMachineArn=arn, definition=json.dumps(alone(Type="Succeed")), publish=True
    )
    version = updated["stateMachineVersionArn"]
    activity = sfn.create_activity(name="again")
    alias = {
        "name": "live",
        "description": "one",
        "routingConfiguration": [{"stateMachineVersionArn": version, "weight": 100}],
    }
    made_alias = sfn.create_state_machine_alias(**alias)["stateMachineAliasArn"]

    assert sfn.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"] == (
        version
    )
    again = sfn.create_activity(name="again", tags=[{"key": "k", "value": "v"}])
    assert (again["activityArn"], again["creationDate"]) == (
        activity["activityArn"],
        activity["creationDate"],
    )
    assert sfn.create_state_machine_alias(**alias)["stateMachineAliasArn"] == made_alias
    other = {**alias, "description": "other"}
    assert refusal(sfn.create_state_machine_alias, **other)[0] == "ConflictException"
    assert refusal(sfn.update_state_machine, stateMachineArn=version, roleArn=made.role_arn)[0] == (
        "ValidationException"
    )


def test_metadata_alone_tells_no_definition(made: Machines, sfn: Any) -> None:
    arn = made.create(PASS)

    told = sfn.describe_state_machine(stateMachineArn=arn, includedData="METADATA_ONLY")
    assert (told["definition"], told["roleArn"]) == ("{}", made.role_arn)


def test_what_is_not_there_has_no_tags(made: Machines, sfn: Any) -> None:
    arn = made.create(PASS, tags=[{"key": "a", "value": "1"}])
    sfn.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}])
    sfn.untag_resource(resourceArn=arn, tagKeys=["a"])

    assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "b", "value": "2"}]
    there_is_none: list[tuple[str, dict[str, Any]]] = [
        ("list_tags_for_resource", {}),
        ("untag_resource", {"tagKeys": ["a"]}),
        ("tag_resource", {"tags": [{"key": "a", "value": "1"}]}),
    ]
    for method, request in there_is_none:
        code, _ = refusal(getattr(sfn, method), resourceArn=f"{arn}x", **request)
        assert code == "ResourceNotFound"


@pytest.mark.parametrize("arn", ["x", "arn:aws:states:us-east-1:123456789012:stateMachine:m"])
def test_what_is_no_executions_arn_is_invalid(sfn: Any, arn: str) -> None:
    assert refusal(sfn.describe_execution, executionArn=arn)[0] == "InvalidArn"
    assert refusal(sfn.get_execution_history, executionArn=arn)[0] == "InvalidArn"


def test_an_express_execution_is_waited_for(made: Machines, sfn: Any) -> None:
    arn = made.create(alone(Type="Pass", Parameters={"n.$": "$.n"}), type="EXPRESS")
    done = sfn.start_sync_execution(stateMachineArn=arn, input='{"n": 1, "m": 2}', name="quick")
    failing = made.create(alone(Type="Fail", Error="E", Cause="C"), type="EXPRESS")
    failed = sfn.start_sync_execution(stateMachineArn=failing)

    assert (done["status"], done["output"], done["name"]) == ("SUCCEEDED", '{"n":1}', "quick")
    assert done["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0
    assert ":express:" in done["executionArn"]
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "E", "C")
    assert sfn.describe_state_machine(stateMachineArn=arn)["type"] == "EXPRESS"


def test_what_is_for_one_type_of_machine_is_refused_to_the_other(made: Machines, sfn: Any) -> None:
    standard, express = made.create(PASS), made.create(PASS, type="EXPRESS")
    started = sfn.start_execution(stateMachineArn=express)["executionArn"]

    assert refusal(sfn.start_sync_execution, stateMachineArn=standard)[0] == (
        "StateMachineTypeNotSupported"
    )
    assert (
        refusal(sfn.list_executions, stateMachineArn=express)[0] == "StateMachineTypeNotSupported"
    )
    assert refusal(sfn.describe_execution, executionArn=started)[0] == "InvalidArn"


def test_a_definition_is_validated_without_a_machine(sfn: Any) -> None:
    definition = machine(
        A={"Type": "Pass", "Parameters": {"a": "$.x"}, "Next": "X"}, B={"Type": "Succeed"}
    )
    told = sfn.validate_state_machine_definition(
        definition=json.dumps(definition), severity="WARNING"
    )
    errors = sfn.validate_state_machine_definition(definition=json.dumps(definition), maxResults=1)
    fine = sfn.validate_state_machine_definition(definition=json.dumps(PASS))

    assert told["result"] == "FAIL"
    assert told["diagnostics"] == [
        {
            "severity": "WARNING",
            "code": "NO_DOLLAR",
            "message": "The key 'a' does not end with '.$', so the value is a text",
            "location": "/States/A/Parameters/a",
        },
        {
            "severity": "ERROR",
            "code": "MISSING_TRANSITION_TARGET",
            "message": "Missing 'Next' target: X",
            "location": "/States/A/Next",
        },
        {
            "severity": "ERROR",
            "code": "MISSING_TRANSITION_TARGET",
            "message": 'State "B" is not reachable.',
            "location": "/States/B",
        },
    ]
    assert (len(errors["diagnostics"]), errors["truncated"]) == (1, True)
    assert (fine["result"], fine["diagnostics"]) == ("OK", [])


TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "f", "Payload.$": "$.event"},
    "ResultSelector": {"answer.$": "$.Payload"},
    "ResultPath": "$.done",
    "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2, "IntervalSeconds": 3, "BackoffRate": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Fallback", "ResultPath": "$.error"}],
    "Next": "Following",
}


def trial_of(sfn: Any, state: Any, **request: Any) -> dict[str, Any]:
    answer = sfn.test_state(definition=json.dumps(state), **request)
    answer.pop("ResponseMetadata")
    return dict(answer)


def test_a_state_is_tested_with_a_mock_of_its_call(sfn: Any) -> None:
    told = trial_of(
        sfn,
        TASK,
        input='{"event": 1}',
        mock={"result": '{"Payload": {"n": 2}}'},
        inspectionLevel="DEBUG",
    )
    inspected = {name: json.loads(value) for name, value in told["inspectionData"].items()}

    assert (told["status"], told["nextState"]) == ("SUCCEEDED", "Following")
    assert json.loads(told["output"]) == {"event": 1, "done": {"answer": {"n": 2}}}
    assert inspected["afterParameters"] == {"FunctionName": "f", "Payload": 1}
    assert inspected["result"] == {"Payload": {"n": 2}}
    assert inspected["afterResultSelector"] == {"answer": {"n": 2}}
    assert inspected["afterResultPath"] == {"event": 1, "done": {"answer": {"n": 2}}}


def test_a_mock_of_a_failure_shows_what_would_be_done_about_it(sfn: Any) -> None:
    busy = {"errorOutput": {"error": "Busy", "cause": "full"}}
    first = trial_of(sfn, TASK, input='{"event": 1}', mock=busy, inspectionLevel="DEBUG")
    third = trial_of(
        sfn, TASK, input='{"event": 1}', mock=busy, stateConfiguration={"retrierRetryCount": 2}
    )
    other = trial_of(
        sfn,
        {**TASK, "Catch": []},
        input='{"event": 1}',
        mock={"errorOutput": {"error": "Oops", "cause": "c"}},
    )

    assert (first["status"], first["error"]) == ("RETRIABLE", "Busy")
    assert first["inspectionData"]["errorDetails"] == {
        "retryIndex": 0,
        "retryBackoffIntervalSeconds": 3,
    }
    assert (third["status"], third["nextState"]) == ("CAUGHT_ERROR", "Fallback")
    assert json.loads(third["output"])["error"] == {"Error": "Busy", "Cause": "full"}
    assert (other["status"], other["error"], other["cause"]) == ("FAILED", "Oops", "c")


def test_a_state_is_tested_with_its_real_call(
    runtime: LocalRuntime, made: Machines, sfn: Any
) -> None:
    runtime.client("ssm").put_parameter(Name="/engine/tested", Value="v", Type="String")
    state = {
        "Type": "Task",
        "Resource": SDK + "ssm:getParameter",
        "End": True,
        "Parameters": {"Name": "/engine/tested"},
        "OutputPath": "$.Parameter.Value",
    }

    assert trial_of(sfn, state, roleArn=made.role_arn) == {"status": "SUCCEEDED", "output": '"v"'}
    assert refusal(sfn.test_state, definition=json.dumps(state))[0] == "ValidationException"


def test_a_state_of_a_machine_is_tested_with_variables_and_context(sfn: Any) -> None:
    definition = {
        "QueryLanguage": "JSONata",
        **machine(
            A={"Type": "Pass", "Next": "B"},
            B={
                "Type": "Choice",
                "Choices": [{"Condition": "{% $v > 1 %}", "Next": "C"}],
                "Default": "D",
            },
            C={"Type": "Succeed", "Output": "{% $states.context.Execution.Name %}"},
            D={"Type": "Succeed"},
        ),
    }
    chosen = trial_of(sfn, definition, stateName="B", variables='{"v": 2}')
    named = trial_of(sfn, definition, stateName="C", context='{"Execution": {"Name": "mine"}}')

    assert (chosen["status"], chosen["nextState"]) == ("SUCCEEDED", "C")
    assert named["output"] == '"mine"'
    code, message = refusal(sfn.test_state, definition=json.dumps(definition), stateName="X")
    assert (code, message) == (
        "ValidationException",
        "State 'X' is not in the definition; stateName must name one",
    )


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"mock": {}}, "mock must have one of result and errorOutput"),
        ({"mock": {"result": "{"}}, "mock.result is not JSON"),
        ({"input": "{", "mock": {"result": "1"}}, "input is not JSON"),
    ],
)
def test_a_wrong_test_is_refused(sfn: Any, request_: dict[str, Any], told: str) -> None:
    code, message = refusal(sfn.test_state, definition=json.dumps(TASK), **request_)

    assert code == "ValidationException"
    assert told in message


def test_the_start_and_the_end_of_an_execution_are_told_with_input_and_output(
    runtime: LocalRuntime, made: Machines
) -> None:
    arn = made.create(alone(Type="Pass", Result=1), name="told")
    queue_url = runtime.client("sqs").create_queue(QueueName="engine-told")["QueueUrl"]
    events = runtime.client("events")
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [arn]}}
    events.put_rule(Name="engine-told", EventPattern=json.dumps(pattern))
    target = {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:123456789012:engine-told"}
    events.put_targets(Rule="engine-told", Targets=[target])
    runtime.run(arn, {"a": 1})
    sqs = runtime.client("sqs")
    told: list[dict[str, Any]] = []

    def both() -> bool:
        messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get(
            "Messages", []
        )
        told.extend(json.loads(message["Body"])["detail"] for message in messages)
        return len(told) == 2

    assert eventually(both)
    assert [(detail["status"], detail["input"], detail["output"]) for detail in told] == [
        ("RUNNING", '{"a": 1}', None),
        ("SUCCEEDED", '{"a": 1}', "1"),
    ]
    assert told[0]["redriveStatusReason"] == "Execution is RUNNING and cannot be redriven"


def test_patterns_are_refused_and_tested(runtime: LocalRuntime) -> None:
    events = runtime.client("events")
    code, message = refusal(events.put_rule, Name="wrong", EventPattern='{"a": [{"prefix": 5}]}')
    names = ("id", "account", "source", "time", "region", "detail-type")
    event: dict[str, Any] = dict.fromkeys(names, "x")
    event |= {"resources": [], "detail": {"items": [{"n": 1}, {"n": 2}]}}
    pattern = '{"detail": {"items": {"n": [2]}}}'

    assert (code, message) == (
        "InvalidEventPatternException",
        "Event pattern is not valid. Reason: prefix match pattern must be a string",
    )
    assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]
    other = pattern.replace("2", "3")
    assert not events.test_event_pattern(EventPattern=other, Event=json.dumps(event))["Result"]
    assert refusal(events.test_event_pattern, EventPattern=pattern, Event="{}")[0] == (
        "ValidationException"
    )
    put = events.put_events(Entries=[{"Source": "x", "DetailType": "y", "Detail": "{}"}])
    assert put["FailedEntryCount"] == 0
