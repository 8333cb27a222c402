"""A runtime's own life: one after another in a process, none leaves anything behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pocketaws

# Where the package is found.
PACKAGES_DIR = Path(pocketaws.__file__).parents[1]


# Two runtimes one after the other, the second in another region. The first is left while a job
# and a handler work; then it is told what is left of it.
SCRIPT = """
import copy, json, os, sys, threading, time
from pathlib import Path

import psutil
from moto.s3.models import s3_backends

from pocketaws.runtime import LocalRuntime

SECONDS = 10
template_path = Path(sys.argv[1])
environment = dict(os.environ)


def left():
    processes = psutil.Process().children(recursive=True)
    threads = [thread.name for thread in threading.enumerate()]
    homes = sorted(path.name for path in Path(os.environ["TMPDIR"]).iterdir())
    return {"processes": len(processes), "threads": threads, "homes": homes,
            "environment": dict(os.environ) == environment}


def left_soon():
    deadline = time.monotonic() + SECONDS
    while len(threading.enumerate()) > 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    return left()


def state(runtime, stack):
    probe = {"FunctionName": stack.outputs["ProbeName"], "Payload": {"probe": "sleep"}}
    invoke = "arn:aws:states:::lambda:invoke"
    return {"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}},
        {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": invoke, "End": True,
                                                "Parameters": probe}}}]}}}


told = {}
with LocalRuntime() as runtime:
    stack = runtime.deploy(template_path, stack_name="same")
    runtime.client("s3").create_bucket(Bucket="of-the-first")
    runtime.client("s3").put_object(Bucket="of-the-first", Key="key", Body=b"any")
    # As one that two threads have replaced at once: nobody disposes of it.
    held = copy.copy(s3_backends["123456789012"]["aws"].buckets["of-the-first"].keys["key"])
    machine = runtime.client("stepfunctions").create_state_machine(
        name="both", definition=json.dumps(state(runtime, stack)),
        roleArn=stack.outputs["StocktakingRoleArn"])
    runtime.start_execution(machine["stateMachineArn"], {})
    time.sleep(0.5)
del held
told["after the first"] = left_soon()
with LocalRuntime(region="eu-west-1") as runtime:
    told["buckets"] = [b["Name"] for b in runtime.client("s3").list_buckets()["Buckets"]]
    stack = runtime.deploy(template_path, stack_name="same")
    told["outputs"] = dict(stack.outputs)
told["after the second"] = left_soon()
try:
    with LocalRuntime() as runtime:
        raise ValueError("the user's own")
except ValueError as error:
    told["error"] = str(error)
told["after the error"] = left_soon()
print(json.dumps(told))
"""
NOTHING_LEFT = {"processes": 0, "threads": ["MainThread"], "homes": [], "environment": True}


def test_runtimes_follow_each_other_and_leave_nothing(tmp_path: Path) -> None:
    template_path = Path(__file__).parent / "other_workflow" / "template.yaml"
    completed = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(template_path)],
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(PACKAGES_DIR)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert completed.returncode == 0, completed.stderr
    told = json.loads(completed.stdout)
    assert told["after the first"] == NOTHING_LEFT
    assert told["buckets"] == []
    assert ":eu-west-1:" in told["outputs"]["StocktakingArn"]
    assert told["after the second"] == NOTHING_LEFT
    assert told["error"] == "the user's own"
    assert told["after the error"] == NOTHING_LEFT
    assert completed.stderr == ""
