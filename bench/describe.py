"""Measure what a DescribeExecution costs the emulator's process, in turns with another checkout.

The peer is the commit before the gate verified anything: `git worktree add ../before ea1ef12`,
`make .venv/ready` there, and `--before ../before`. Each checkout runs its own code with its own
libraries. Client and emulator are processes of their own, and the emulator's CPU time alone counts.
"""

import argparse
import json
import statistics
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import boto3
import psutil

# The emulator was a part of the workflow once, and answers with the file that it is of.
_EMULATOR: Final = """
import json, sys
try:
    from workflow.local import runtime as module
except ImportError:
    from pocketaws import runtime as module
names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
with module.LocalRuntime() as runtime:
    import os
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}}
    role = runtime.client("iam").create_role(
        RoleName="bench", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    machine = runtime.client("stepfunctions").create_state_machine(
        name="bench", roleArn=role,
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}))
    execution = runtime.run(machine["stateMachineArn"], {}, name="bench")
    told = {name: os.environ[name] for name in names}
    told |= {"url": runtime.endpoint_url, "arn": execution.arn, "file": module.__file__}
    print(json.dumps(told), flush=True)
    sys.stdin.read()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, required=True, help="the other checkout")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--calls", type=int, default=2000)
    arguments = parser.parse_args()
    checkouts = {"before": arguments.before.resolve(), "now": Path(__file__).resolve().parents[1]}
    times: dict[str, list[float]] = {name: [] for name in checkouts}
    for _ in range(arguments.turns):
        for name, checkout in checkouts.items():
            times[name].append(_microseconds(checkout, arguments.calls))
    ratios = [now / before for before, now in zip(times["before"], times["now"], strict=True)]
    for name, found in times.items():
        spread = f"{min(found):.0f}..{max(found):.0f}"
        print(f"{name:8} {statistics.median(found):8.0f} µs of CPU a call ({spread})")
    print(f"ratio    {statistics.median(ratios):8.3f} ({min(ratios):.3f}..{max(ratios):.3f})")


def _microseconds(checkout: Path, calls: int) -> float:
    with subprocess.Popen(
        [str(checkout / ".venv" / "bin" / "python"), "-c", _EMULATOR],
        cwd=checkout,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as emulator:
        assert emulator.stdout is not None
        told: Mapping[str, str] = json.loads(emulator.stdout.readline())
        assert Path(told["file"]).is_relative_to(checkout), f"{told['file']} was run"
        client = _client(told)
        process = psutil.Process(emulator.pid)
        _call(client, told["arn"], 200)
        begun = process.cpu_times()
        _call(client, told["arn"], calls)
        ended = process.cpu_times()
        emulator.communicate()
    spent = ended.user + ended.system - begun.user - begun.system
    return float(spent) / calls * 1e6


def _client(told: Mapping[str, str]) -> Any:
    return boto3.client(
        "stepfunctions",
        region_name="us-east-1",
        endpoint_url=told["url"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
    )


def _call(client: Any, execution_arn: str, calls: int) -> None:
    deadline = time.monotonic() + 600
    for _ in range(calls):
        client.describe_execution(executionArn=execution_arn)
        assert time.monotonic() < deadline


if __name__ == "__main__":
    main()
