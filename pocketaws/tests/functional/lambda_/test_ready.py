"""A function that a task is going to call has been loaded when the call comes."""

import io
import json
import uuid
import zipfile
from typing import Any

import pytest

from emulated import state_machines
from emulated.machines import INVOKE, machine
from emulated.roles import made_role
from emulated.state_machines import Machines
from emulated.waiting import eventually
from pocketaws.runtime import LocalRuntime

BUCKET = "loaded-functions"
TIMEOUT_SECONDS = 60
SLEEPS = f"""
import time, boto3
S3 = boto3.client("s3")
def handler(event, context):
    awaited = {{"Bucket": "{BUCKET}", "Prefix": event["until"]}}
    while event["until"] and not S3.list_objects_v2(**awaited)["KeyCount"]:
        time.sleep(0.05)
    time.sleep(event["seconds"])
    return {{"ended": time.time()}}
"""
TELLS = f"""
import logging, os, time, boto3
LOADED = time.time()
boto3.client("s3").put_object(Bucket="{BUCKET}", Key=os.environ["AWS_LAMBDA_FUNCTION_NAME"])
def handler(event, context):
    logging.getLogger().warning("called")
    left = context.get_remaining_time_in_millis()
    return {{"loaded": LOADED, "id": context.aws_request_id, "left": left, "event": event,
             "word": os.environ.get("WORD")}}
"""
BROKEN = "import not_there"


@pytest.fixture(scope="module")
def tasks(runtime: LocalRuntime) -> Machines:
    runtime.client("s3").create_bucket(Bucket=BUCKET)
    return state_machines.of(runtime, "ready")


def function(runtime: LocalRuntime, source: str) -> str:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", source)
    name = f"f-{uuid.uuid4().hex[:8]}"
    runtime.client("lambda").create_function(
        FunctionName=name,
        Role=made_role(runtime, "small-function"),
        Code={"ZipFile": buffer.getvalue()},
        Runtime="python3.12",
        Handler="app.handler",
        Timeout=TIMEOUT_SECONDS,
    )
    return name


def after_a_sleep(
    runtime: LocalRuntime, name: str, *, until: str = "", seconds: float = 0
) -> dict[str, Any]:
    """Return a definition that calls a function after another, which may load it meanwhile.

    Args:
        name: of the function.
        until: what the other waits for first, a key in the bucket; a function's own is there once
            it is loaded.
        seconds: that it sleeps then.
    """
    call = {"Type": "Task", "Resource": INVOKE, "ResultSelector": {"got.$": "$.Payload"}}
    sleep = {
        "FunctionName": function(runtime, SLEEPS),
        "Payload": {"until": until, "seconds": seconds},
    }
    rule = [{"Variable": "$.before.got.ended", "NumericGreaterThan": 0, "Next": "Called"}]
    return machine(
        Sleeps={**call, "Parameters": sleep, "ResultPath": "$.before", "Next": "Which"},
        Which={"Type": "Choice", "Choices": rule, "Default": "None"},
        Called={
            **call,
            "Parameters": {"FunctionName": name, "Payload": {"n": 1}},
            "ResultPath": "$.after",
            "End": True,
        },
        # Failing to be called, it would fail the execution.
        **{"None": {**call, "Parameters": {"FunctionName": "none"}, "End": True}},
    )


def test_a_function_is_loaded_while_the_task_before_it_is_done(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    name = function(runtime, TELLS)
    execution = tasks.run(after_a_sleep(runtime, name, until=name, seconds=3))
    assert execution.status == "SUCCEEDED", execution.cause
    got = execution.output["after"]["got"]

    assert got["loaded"] < execution.output["before"]["got"]["ended"]
    assert got["event"] == {"n": 1}
    # Its time begins with the call.
    assert 1000 * (TIMEOUT_SECONDS - 3) < got["left"] <= 1000 * TIMEOUT_SECONDS
    log = runtime.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    lines = [event["message"] for event in log]
    assert lines[0].startswith(f"START RequestId: {got['id']}")
    assert lines[1].startswith("[WARNING]\t")
    assert lines[1].rstrip().endswith(f"\t{got['id']}\tcalled")


def test_a_function_that_has_changed_meanwhile_is_called_as_it_is_now(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    name = function(runtime, TELLS)
    after = after_a_sleep(runtime, name, until=f"changed/{name}")
    arn = runtime.start_execution(tasks.create(after), {})
    s3 = runtime.client("s3")
    assert eventually(lambda: s3.list_objects_v2(Bucket=BUCKET, Prefix=name)["KeyCount"])
    runtime.client("lambda").update_function_configuration(
        FunctionName=name, Environment={"Variables": {"WORD": "new"}}
    )
    s3.put_object(Bucket=BUCKET, Key=f"changed/{name}")

    assert runtime.wait(arn).output["after"]["got"]["word"] == "new"


def test_what_cannot_be_loaded_fails_when_it_is_called(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    name = function(runtime, BROKEN)
    execution = tasks.run(after_a_sleep(runtime, name, seconds=1))
    called = runtime.client("lambda").invoke(FunctionName=name, Payload="{}")
    alone = json.loads(called["Payload"].read())

    assert execution.error == alone["errorType"] == "Runtime.ImportModuleError"
    told = json.loads(str(execution.cause))
    assert told["errorMessage"] == alone["errorMessage"]
    assert told["stackTrace"] == alone["stackTrace"]


def test_one_that_nobody_calls_leaves_nothing_where_its_process_is_killed(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    name = function(runtime, TELLS)
    after = after_a_sleep(runtime, name, until=f"stopped/{name}")
    arn = runtime.start_execution(tasks.create(after), {})
    ready = runtime._services.functions._ready
    eventually(lambda: name in ready._by_name)
    run = ready._by_name[name].run
    run.kill()
    run.exit_code.result(TIMEOUT_SECONDS)
    runtime.client("stepfunctions").stop_execution(executionArn=arn)
    runtime.client("s3").put_object(Bucket=BUCKET, Key=f"stopped/{name}")

    called = runtime.client("lambda").invoke(FunctionName=name, Payload="{}")
    assert json.loads(called["Payload"].read())["event"] == {}
    assert name not in ready._by_name
