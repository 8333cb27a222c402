"""Measure what executions of the project's definition cost a runtime, in turns with another one.

The peer is the commit before executions had an engine of their own: `git worktree add ../before
ea1ef12`, `make -C ../before .venv/ready`, and `--before ../before`. Client and runtime are
processes of their own; counted is the CPU time of the runtime's process alone, without the
processes that do the work of jobs and handlers.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import boto3
import psutil
from figures import Figure, add_option, keep

_RUNTIME: Final = """
import contextlib, json, os, sys
from pathlib import Path
try:
    from pocketaws import Warmup, isolated, lines
    from workflow.laptop.stack import deployed
    settings = {"stack_name": "bench", "region": "us-east-1"}
except ImportError:
    from workflow.display import lines
    from workflow.local.environment import isolated
    from workflow.local.warmup import Warmup
    from workflow.local_workflow import deployed
    settings = {"stack_name": "bench"}
with contextlib.ExitStack() as exits:
    exits.enter_context(contextlib.redirect_stdout(sys.stderr))
    warmup = Warmup()
    exits.callback(warmup.stop)
    exits.enter_context(isolated())
    workflow = exits.enter_context(deployed(warmup, lines(), **settings))
    workflow.put_sample(Path("data/abalone-sample.csv"))
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")
    told = {name: os.environ[name] for name in names}
    told["arn"] = workflow.stack.outputs["StateMachineArn"]
    print(json.dumps(told), file=sys.__stdout__, flush=True)
    sys.stdin.read()
"""
# Looking costs the runtime CPU, too.
_POLL_SECONDS: Final = 1.0
_LONGEST_SECONDS: Final = 600


class Cost(NamedTuple):
    """What one execution cost: the runtime's CPU seconds, and the time that passed."""

    cpu: float
    wall: float


class _Up(NamedTuple):
    process: psutil.Process
    client: Any
    machine_arn: str


def main() -> None:
    """Measure both checkouts, turn by turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="the other checkout, with its .venv")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--executions", type=int, default=20)
    parser.add_argument("--cores", type=int, help="use so many, where the system can be told")
    add_option(parser)
    arguments = parser.parse_args()
    if arguments.cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
    checkouts = {"now": Path(__file__).resolve().parents[1]}
    if arguments.before is not None:
        checkouts = {"before": arguments.before.resolve(), **checkouts}
    costs: dict[tuple[str, str], list[Cost]] = {}
    for _ in range(arguments.turns):
        for name, checkout in checkouts.items():
            with _up(checkout) as runtime:
                _in_a_row(runtime, 2)
                for how, run in (("in a row", _in_a_row), ("at once", _at_once)):
                    cost = run(runtime, arguments.executions)
                    costs.setdefault((how, name), []).append(cost)
    print(_table(costs))
    turns = zip(costs["at once", "now"], costs["in a row", "now"], strict=True)
    walls = [together.wall / alone.wall for together, alone in turns]
    keep(arguments.json, {"at once": Figure(walls)})


def _table(costs: Mapping[tuple[str, str], list[Cost]]) -> str:
    lines = [f"{'':18} {'CPU s':>7} {'min..max':>12} {'wall s':>7} {'ratio of CPU':>14}"]
    for (how, name), found in costs.items():
        cpu = [cost.cpu for cost in found]
        base = costs.get((how, "before"), found)
        ratios = [own.cpu / other.cpu for own, other in zip(found, base, strict=True)]
        lines.append(
            f"{how + ', ' + name:18} {statistics.median(cpu):7.3f} "
            f"{min(cpu):5.3f}..{max(cpu):5.3f} "
            f"{statistics.median(cost.wall for cost in found):7.2f} "
            f"{statistics.median(ratios):6.2f} {min(ratios):.2f}..{max(ratios):.2f}"
        )
    return "\n".join(lines)


def _in_a_row(runtime: _Up, count: int) -> Cost:
    begun, arns = _spent(runtime), []
    for _ in range(count):
        arns.append(_start(runtime))
        _wait_until(lambda: not _running(runtime))
    cpu = (_spent(runtime) - begun) / count
    return Cost(cpu, statistics.mean(_seconds(runtime, arn) for arn in arns))


def _at_once(runtime: _Up, count: int) -> Cost:
    begun = _spent(runtime)
    arns = [_start(runtime) for _ in range(count)]
    _wait_until(lambda: not _running(runtime))
    cpu = (_spent(runtime) - begun) / count
    return Cost(cpu, max(_seconds(runtime, arn) for arn in arns) / count)


def _spent(runtime: _Up) -> float:
    times = runtime.process.cpu_times()
    return float(times.user + times.system)


def _start(runtime: _Up) -> str:
    started = runtime.client.start_execution(stateMachineArn=runtime.machine_arn, input="{}")
    return str(started["executionArn"])


def _running(runtime: _Up) -> list[Any]:
    answer = runtime.client.list_executions(
        stateMachineArn=runtime.machine_arn, statusFilter="RUNNING"
    )
    return list(answer["executions"])


def _seconds(runtime: _Up, arn: str) -> float:
    """Return how long an execution took that has ended as it should."""
    told = runtime.client.describe_execution(executionArn=arn)
    # A model that is worse than the one before is rejected, which is an outcome, not a fault.
    if told["status"] != "SUCCEEDED" and told.get("error") != "ModelRejected":
        raise RuntimeError(f"{arn}: {told['status']}: {told.get('error')}: {told.get('cause')}")
    return float((told["stopDate"] - told["startDate"]).total_seconds())


def _wait_until(is_over: Any) -> None:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while not is_over():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not over in {_LONGEST_SECONDS} s")
        time.sleep(_POLL_SECONDS)


@contextmanager
def _up(checkout: Path) -> Iterator[_Up]:
    """Have the runtime of a checkout up, with the workflow deployed."""
    packages = os.pathsep.join([str(checkout), str(checkout / "pocketaws" / "src")])
    environment = {**os.environ, "PYTHONPATH": packages, "PYTHONSAFEPATH": "1"}
    with subprocess.Popen(
        [str(checkout / ".venv" / "bin" / "python"), "-c", _RUNTIME],
        cwd=checkout,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sys.stderr if os.environ.get("BENCH_VERBOSE") else subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        told: Mapping[str, str] = json.loads(process.stdout.readline())
        yield _Up(psutil.Process(process.pid), _client(told), told["arn"])
        process.communicate()


def _client(told: Mapping[str, str]) -> Any:
    return boto3.client(
        "stepfunctions",
        region_name="us-east-1",
        endpoint_url=told["AWS_ENDPOINT_URL"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
    )


if __name__ == "__main__":
    main()
