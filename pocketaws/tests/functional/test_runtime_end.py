"""A runtime ends at once, whoever waits: an answer, a request, an event."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pocketaws
from emulated.served import TEMPLATE_PATH

SCRIPT = """
import http.client, json, sys, threading, time
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from pocketaws.runtime import LocalRuntime

told = {}
begun = time.monotonic()
with LocalRuntime() as runtime:
    stack = runtime.deploy(Path(sys.argv[1]), stack_name="ends")
    told["start_seconds"] = time.monotonic() - begun
    asking = {"FunctionName": stack.outputs["KeepTokenName"],
              "Payload": {"token.$": "$$.Task.Token", "name": "ends"}}
    machine = runtime.client("stepfunctions").create_state_machine(
        name="asks", roleArn=stack.outputs["RoleArn"],
        definition=json.dumps({"StartAt": "Ask", "States": {"Ask": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": asking, "TimeoutSeconds": 600, "End": True}}}))
    runtime.start_execution(machine["stateMachineArn"], {})

    def ask():
        connection = http.client.HTTPConnection(urlsplit(stack.outputs["AnswerUrl"]).netloc)
        connection.request("GET", "/slow")
        try:
            told["answer"] = connection.getresponse().status
        except OSError:
            told["answer"] = "closed"
        connection.close()

    threading.Thread(target=ask).start()
    detail = {"name": "n", "kind": "rung", "place": {"floor": 1}, "failures": 99}
    runtime.client("events").put_events(Entries=[
        {"Source": "shop.bell", "DetailType": "Rung", "Detail": json.dumps(detail)}])
    time.sleep(1.5)
    begun = time.monotonic()
told["seconds"] = time.monotonic() - begun
deadline = time.monotonic() + 10
while len(threading.enumerate()) > 1 and time.monotonic() < deadline:
    time.sleep(0.02)
told["threads"] = [thread.name for thread in threading.enumerate()]
told["processes"] = len(psutil.Process().children(recursive=True))
told["listening"] = [c for c in psutil.Process().net_connections() if c.status == "LISTEN"]
print(json.dumps(told))
"""

# Where the package is found.
PACKAGES_DIR = Path(pocketaws.__file__).parents[1]


def test_a_runtime_ends_at_once_though_an_execution_a_request_and_an_event_wait(
    tmp_path: Path,
) -> None:
    completed = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(TEMPLATE_PATH)],
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(PACKAGES_DIR)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert completed.returncode == 0, completed.stderr
    told = json.loads(completed.stdout)
    # A machine that does other things, too, was as slow at the start.
    assert told["seconds"] < max(4, told["start_seconds"])
    # 502 as from a function that was killed, or no answer at all.
    assert told["answer"] in (502, "closed")
    assert told["threads"] == ["MainThread"]
    assert (told["processes"], told["listening"]) == (0, [])
    assert list(tmp_path.iterdir()) == []
    assert "Traceback" not in completed.stderr
