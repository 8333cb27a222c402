"""Step Functions by the real AWS CLI: what it sends is understood, and what it gets it can read."""

import json
import time
import uuid

import pytest

from emulated import state_machines
from emulated.aws_cli import Aws, aws_cli
from emulated.machines import alone, machine
from emulated.state_machines import Machines
from pocketaws.runtime import LocalRuntime

# The CLI takes seconds to start.
pytestmark = pytest.mark.timeout(600)
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}


@pytest.fixture(scope="module")
def aws(runtime: LocalRuntime, tmp_path_factory: pytest.TempPathFactory) -> Aws:
    return aws_cli(runtime, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def made(runtime: LocalRuntime) -> Machines:
    return state_machines.of(runtime, f"cli-{uuid.uuid4().hex[:6]}")


def test_an_execution_is_redriven_from_the_state_that_failed(
    runtime: LocalRuntime, aws: Aws, made: Machines
) -> None:
    s3 = runtime.client("s3")
    bucket = f"redriven-{uuid.uuid4().hex[:6]}"
    s3.create_bucket(Bucket=bucket)
    get = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": bucket, "Key": "late"},
        "ResultSelector": {"body.$": "$.Body"},
        "End": True,
    }
    arn = made.create(machine(First={"Type": "Pass", "Next": "Get"}, Get=get))
    failed = runtime.run(arn, {})
    s3.put_object(Bucket=bucket, Key="late", Body=b"there")

    told = aws("stepfunctions", "redrive-execution", "--execution-arn", failed.arn)

    describe = ("stepfunctions", "describe-execution", "--execution-arn", failed.arn)
    assert list(told) == ["redriveDate"]
    assert runtime.wait(failed.arn).output == {"body": "there"}
    described = aws(*describe)
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1)
    refusal = aws("stepfunctions", "redrive-execution", "--execution-arn", failed.arn, refused=True)
    assert "ExecutionNotRedrivable" in refusal
    history = aws("stepfunctions", "get-execution-history", "--execution-arn", failed.arn)
    kinds = [event["type"] for event in history["events"]]
    assert kinds.count("ExecutionRedriven") == 1
    assert kinds.count("PassStateEntered") == 1


def test_a_definition_is_validated(aws: Aws) -> None:
    wrong = json.dumps(machine(A={"Type": "Pass", "Next": "X"}, B={"Type": "Succeed"}))

    told = aws("stepfunctions", "validate-state-machine-definition", "--definition", wrong)

    assert told["result"] == "FAIL"
    assert told["diagnostics"][0] == {
        "severity": "ERROR",
        "code": "MISSING_TRANSITION_TARGET",
        "message": "Missing 'Next' target: X",
        "location": "/States/A/Next",
    }


@pytest.mark.parametrize(
    ("level", "inspected"),
    [
        ("INFO", None),
        ("DEBUG", {"input", "afterInputPath", "afterParameters", "result", "afterResultSelector"}),
        ("TRACE", {"input", "afterInputPath", "afterParameters", "result", "afterResultSelector"}),
    ],
)
def test_a_state_is_tested_with_a_mock(aws: Aws, level: str, inspected: set[str] | None) -> None:
    state = {
        **TASK,
        "Parameters": {"FunctionName": "f", "Payload.$": "$.x"},
        "ResultSelector": {"y.$": "$.Payload.y"},
        "Next": "Later",
    }

    told = aws(
        *("stepfunctions", "test-state", "--definition", json.dumps(state)),
        *("--input", '{"x": 1}', "--inspection-level", level),
        *("--mock", json.dumps({"result": json.dumps({"Payload": {"y": 2}})})),
    )

    assert (told["status"], told["nextState"]) == ("SUCCEEDED", "Later")
    assert json.loads(told["output"]) == {"y": 2}
    assert ("inspectionData" in told) is (inspected is not None)
    if inspected is not None:
        assert inspected <= told["inspectionData"].keys()
        assert json.loads(told["inspectionData"]["afterParameters"])["Payload"] == 1


def test_a_mock_of_a_failure_is_tried_again_or_caught(aws: Aws) -> None:
    state = {
        **TASK,
        "Parameters": {"FunctionName": "f"},
        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 7, "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        "End": True,
    }
    command = ("stepfunctions", "test-state", "--definition", json.dumps(state))
    mock = json.dumps({"errorOutput": {"error": "Busy", "cause": "later"}})

    first = aws(*command, "--mock", mock, "--inspection-level", "DEBUG")
    second = aws(*command, "--mock", mock, "--state-configuration", '{"retrierRetryCount": 1}')

    assert first["status"] == "RETRIABLE"
    assert first["inspectionData"]["errorDetails"]["retryBackoffIntervalSeconds"] == 7
    assert (second["status"], second["nextState"]) == ("CAUGHT_ERROR", "Caught")


def test_an_express_execution_is_started_and_waited_for(aws: Aws, made: Machines) -> None:
    definition = alone(Type="Pass", Parameters={"sum.$": "States.MathAdd($.a, 1)"})
    arn = made.create(definition, type="EXPRESS")

    told = aws(
        *("stepfunctions", "start-sync-execution", "--state-machine-arn", arn),
        *("--input", '{"a": 1}'),
    )

    assert (told["status"], told["output"]) == ("SUCCEEDED", '{"sum":2}')
    assert told["billingDetails"]["billedDurationInMilliseconds"] >= 100


def test_an_execution_is_stopped_with_error_and_cause(
    runtime: LocalRuntime, aws: Aws, made: Machines
) -> None:
    arn = runtime.start_execution(made.create(alone(Type="Wait", Seconds=600)), {})

    told = aws(
        *("stepfunctions", "stop-execution", "--execution-arn", arn),
        *("--error", "Enough", "--cause", "nobody waits"),
    )

    assert list(told) == ["stopDate"]
    described = aws("stepfunctions", "describe-execution", "--execution-arn", arn)
    assert (described["status"], described["error"], described["cause"]) == (
        "ABORTED",
        "Enough",
        "nobody waits",
    )


def test_log_events_are_filtered_by_conditions_on_json(runtime: LocalRuntime, aws: Aws) -> None:
    logs = runtime.client("logs")
    group, stream = f"/cli/{uuid.uuid4().hex[:6]}", "one"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    messages = ['{"level": "ERROR", "code": 500}', '{"level": "INFO"}', "ERROR in plain text"]
    now = int(time.time() * 1000)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": now, "message": message} for message in messages],
    )
    command = ("logs", "filter-log-events", "--log-group-name", group, "--filter-pattern")

    told = aws(*command, '{ $.level = "ERROR" && $.code >= 500 }')

    assert [event["message"] for event in told["events"]] == messages[:1]
    assert "InvalidParameterException" in aws(*command, "{ $.level }", refused=True)
