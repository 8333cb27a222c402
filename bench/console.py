"""What the console costs with 200 executions of which one is live: CPU, and the first paint.

    python bench/console.py [--seconds 60]

An emulated AWS in this process has a state machine of thirty states and the console; headless
Chromium shows one page after the other. CPU is that of this process, less what it takes without an
open page, and that of the browser's processes; of one core. Aims: under 5 %, first paint under 1 s.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from pocketaws import LocalRuntime
from tests.functional.browser import launched
from workflow.console.serving import console
from workflow.console.watched import Watched

_EXECUTIONS: Final = 200
_STATES: Final = 30
_LIVE: Final = "live"
_PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0]"
_LOADS: Final = 7
_ASK_MILLISECONDS: Final = 20
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}


class Row(NamedTuple):
    """A page: milliseconds to its first paint, and shares of a core while it was open.

    `load_cpu_ms` is what a load takes of CPU in all, which a busy machine moves less.
    """

    page: str
    paint_ms: float
    median_paint_ms: float
    load_cpu_ms: float
    server: float
    browser: float


def measured(seconds: int) -> Iterator[Row]:
    """Yield a row for each page, which stays open for so many seconds."""
    with LocalRuntime() as runtime:
        machine_arn = _machine(runtime)
        for index in range(_EXECUTIONS - 1):
            runtime.run(machine_arn, {"text": "x" * 2000, "waits": False}, name=f"done-{index}")
        runtime.start_execution(machine_arn, {"text": "x" * 2000, "waits": True}, name=_LIVE)
        before, start = _own_seconds(), time.perf_counter()
        time.sleep(seconds)
        idle = (_own_seconds() - before) / (time.perf_counter() - start)
        watched = Watched(runtime.client, machine_arn, "/none", "none", runtime.messages)
        with console(watched) as url:
            yield from _pages(url, idle, seconds)


def _pages(url: str, idle: float, seconds: int) -> Iterator[Row]:
    base = url.partition("/?")[0]
    for browser in launched():
        page = browser.new_page()
        page.goto(url)
        # What is read once of each execution that has ended is read.
        page.get_by_text("released").nth(_EXECUTIONS - 2).wait_for(timeout=300_000)
        for name, path in {"executions": "/", "the live one": f"/executions/{_LIVE}"}.items():
            before_loads = _own_seconds() + _browser_seconds()
            paints = list(_paints(page, base + path))
            load = (_own_seconds() + _browser_seconds() - before_loads) / _LOADS
            before, start = (_own_seconds(), _browser_seconds()), time.perf_counter()
            page.wait_for_timeout(1000 * seconds)
            elapsed = time.perf_counter() - start
            own, others = _own_seconds() - before[0], _browser_seconds() - before[1]
            shares = own / elapsed - idle, others / elapsed
            yield Row(name, min(paints), median(paints), 1000 * load, *shares)


def _paints(page: Any, url: str) -> Iterator[float]:
    for _ in range(_LOADS):
        page.goto(url)
        # Asked from here: the pages' policy lets none of their own scripts wait for it.
        while not page.evaluate(f"{_PAINT} !== undefined"):
            page.wait_for_timeout(_ASK_MILLISECONDS)
        yield page.evaluate(f"{_PAINT}.startTime")


def _machine(runtime: LocalRuntime) -> str:
    states: dict[str, Any] = {
        f"State {index}": {"Type": "Pass", "Next": f"State {index + 1}"}
        for index in range(_STATES - 3)
    }
    states[f"State {_STATES - 3}"] = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.waits", "BooleanEquals": True, "Next": "Wait"}],
        "Default": "End",
    }
    states |= {"Wait": {"Type": "Wait", "Seconds": 3600, "Next": "End"}, "End": {"Type": "Succeed"}}
    role = runtime.client("iam").create_role(
        RoleName="console", AssumeRolePolicyDocument=json.dumps(_TRUST)
    )
    made = runtime.client("stepfunctions").create_state_machine(
        name="console",
        definition=json.dumps({"StartAt": "State 0", "States": states}),
        roleArn=role["Role"]["Arn"],
    )
    return str(made["stateMachineArn"])


def _own_seconds() -> float:
    return time.process_time()


def _browser_seconds() -> float:
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            if "chrom" in process.name():
                times = process.cpu_times()
                total += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="a page stays open")
    seconds = parser.parse_args().seconds
    heads = "".join(f"{head:>10}" for head in ("median", "CPU ms", "server", "browser"))
    print(f"{'page':14}{'first paint ms':>16}{heads}")
    for row in measured(seconds):
        paints = f"{row.paint_ms:16.0f}{row.median_paint_ms:10.0f}{row.load_cpu_ms:10.0f}"
        print(f"{row.page:14}{paints}{row.server:10.1%}{row.browser:10.1%}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
