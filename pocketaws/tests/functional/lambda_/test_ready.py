"""A function that a task is going to call has been loaded when the call comes."""

import io
import json
import time
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

SLEEPS = """
import time
def handler(event, context):
    time.sleep(event["seconds"])
    return {"ended": time.time()}
"""
TELLS = """
import logging, os, time
LOADED = time.time()
def handler(event, context):
    logging.getLogger().warning("called")
    left = context.get_remaining_time_in_millis()
    return {"loaded": LOADED, "id": context.aws_request_id, "left": left, "event": event,
            "word": os.environ.get("WORD")}
"""
BROKEN = "import not_there"


@pytest.fixture(scope="module")
def tasks(runtime: LocalRuntime) -> Machines:
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
        Timeout=20,
    )
    return name


def after_a_sleep(runtime: LocalRuntime, name: str, seconds: float) -> dict[str, Any]:
    """Return a definition that calls a function while, or after, another is called."""
    call = {"Type": "Task", "Resource": INVOKE, "ResultSelector": {"got.$": "$.Payload"}}
    sleep = {"FunctionName": function(runtime, SLEEPS), "Payload": {"seconds": seconds}}
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
    output = tasks.run(after_a_sleep(runtime, name, 2)).output
    got = output["after"]["got"]

    assert got["loaded"] < output["before"]["got"]["ended"]
    assert got["event"] == {"n": 1}
    # Its time begins with the call.
    assert 19_000 < got["left"] <= 20_000
    log = runtime.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    lines = [event["message"] for event in log]
    assert lines[0].startswith(f"START RequestId: {got['id']}")
    assert lines[1].startswith("[WARNING]\t")
    assert lines[1].rstrip().endswith(f"\t{got['id']}\tcalled")


def test_a_function_that_has_changed_meanwhile_is_called_as_it_is_now(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    name = function(runtime, TELLS)
    arn = runtime.start_execution(tasks.create(after_a_sleep(runtime, name, 3)), {})
    time.sleep(1)
    runtime.client("lambda").update_function_configuration(
        FunctionName=name, Environment={"Variables": {"WORD": "new"}}
    )

    assert runtime.wait(arn).output["after"]["got"]["word"] == "new"


def test_what_cannot_be_loaded_fails_when_it_is_called(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    name = function(runtime, BROKEN)
    execution = tasks.run(after_a_sleep(runtime, name, 1))
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
    arn = runtime.start_execution(tasks.create(after_a_sleep(runtime, name, 60)), {})
    ready = runtime._services.functions._ready
    eventually(lambda: name in ready._by_name)
    run = ready._by_name[name].run
    run.kill()
    run.exit_code.result(20)
    runtime.client("stepfunctions").stop_execution(executionArn=arn)

    called = runtime.client("lambda").invoke(FunctionName=name, Payload="{}")
    assert json.loads(called["Payload"].read())["event"] == {}
    assert name not in ready._by_name
