"""Measure how long the emulated AWS takes to its first answer, in turns with another checkout.

Now it is `python -m pocketaws up`, before its `LocalRuntime` was a context of `workflow.local`:
`git worktree add ../before ea1ef12`, `make .venv/ready` there, and `--before ../before`. The clock
runs from the start of the process to the answer to a ListStateMachines.
"""

import argparse
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

import boto3
import psutil

_BEFORE: Final = """
import os, sys
from workflow.local.warmup import Warmup
warmup = Warmup()
from workflow.local.runtime import LocalRuntime
with LocalRuntime(warmup) as runtime:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        print(f"export {name}={os.environ[name]}")
    print(f"export AWS_ENDPOINT_URL={runtime.endpoint_url}\\nup", flush=True)
    sys.stdin.read()
"""
_EXPORT: Final = re.compile(r"export (\w+)=(\S+)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, required=True, help="the other checkout")
    parser.add_argument("--turns", type=int, default=7)
    arguments = parser.parse_args()
    before, now = arguments.before.resolve(), Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        env_path = Path(folder, "local.env")
        commands = {
            "before": (before, ["-c", _BEFORE]),
            "now": (now, ["-m", "pocketaws", "up", "--env-file", str(env_path)]),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(arguments.turns):
            for name, (checkout, command) in commands.items():
                found[name].append(_first_answer(checkout, command))
    for which, unit in enumerate(("s", "s of CPU")):
        columns = {name: [pair[which] for pair in pairs] for name, pairs in found.items()}
        ratios = [now / then for then, now in zip(columns["before"], columns["now"], strict=True)]
        for name, times in columns.items():
            spread = f"{min(times):.2f}..{max(times):.2f}"
            print(f"{name:8} {statistics.median(times):6.2f} {unit} ({spread})")
        print(f"ratio    {statistics.median(ratios):6.2f} ({min(ratios):.2f}..{max(ratios):.2f})")


def _first_answer(checkout: Path, command: list[str]) -> tuple[float, float]:
    """Return the seconds to the first answer, and what they cost the emulator's processes."""
    begun = time.monotonic()
    with subprocess.Popen(
        [str(checkout / ".venv" / "bin" / "python"), *command],
        cwd=checkout,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as emulator:
        assert emulator.stdout is not None
        exports: dict[str, str] = {}
        for line in emulator.stdout:
            exports.update(_EXPORT.findall(line))
            if "up" in line.split() or "up;" in line.split():
                break
        boto3.client(
            "stepfunctions",
            region_name="us-east-1",
            endpoint_url=exports["AWS_ENDPOINT_URL"],
            aws_access_key_id=exports["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=exports["AWS_SECRET_ACCESS_KEY"],
        ).list_state_machines()
        seconds = time.monotonic() - begun
        spent = _cpu_seconds(psutil.Process(emulator.pid))
        emulator.terminate()
    return seconds, spent


def _cpu_seconds(process: psutil.Process) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


if __name__ == "__main__":
    main()
