"""Compare a run beside `pocketaws up` with one that starts an emulated AWS, and with bare.py.

`python bench/warm.py --data abalone-uci.csv --turns 3`. The first run beside `up` deploys the stack
and is told apart. Of a run beside `up` the CPU of both is counted: the command's, and what the
processes of `up` used meanwhile.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import psutil
from costs import Cost, measure, sampled
from growth import BARE, ROOT, RUN, command_of

BESIDE: Final = "beside up"
FIRST: Final = "beside up, the first"
_START_SECONDS: Final = 300
_LOOK_SECONDS: Final = 0.2
_INTERRUPT_SECONDS: Final = 60


@contextlib.contextmanager
def up(folder: Path) -> Iterator[psutil.Process]:
    """Keep an emulated AWS up for runs that are started in a folder."""
    exports = folder / ".pocketaws" / "local.env"
    command = [sys.executable, "-m", "pocketaws", "up"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + _START_SECONDS
        while not exports.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(_INTERRUPT_SECONDS)


def cpu_of_tree(process: psutil.Process) -> float:
    """Return the CPU seconds that a process and its children have used, ended ones too."""
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(
        sum(each.user + each.system + each.children_user + each.children_system for each in times)
    )


def compared(data: Path, turns: int, out: Path) -> tuple[dict[str, list[Cost]], dict[str, float]]:
    """Run each in turns, then once more for its peak memory in MB; return both by name."""
    costs: dict[str, list[Cost]] = {}
    commands = {
        BARE: command_of(BARE, data, out / "bare"),
        RUN: [*command_of(RUN, data, out / "own"), "--own"],
        BESIDE: command_of(BESIDE, data, out / "beside"),
    }
    with up(out) as keeper:
        for turn in range(turns + 1):
            if turn:
                for name in (BARE, RUN):
                    costs.setdefault(name, []).append(measure(commands[name], out, {}, cwd=out))
            used = cpu_of_tree(keeper)
            # A stack for each state folder: the first run there deploys it.
            beside = measure(commands[BESIDE], out, {}, cwd=out)
            beside = beside._replace(cpu=beside.cpu + cpu_of_tree(keeper) - used)
            costs.setdefault(BESIDE if turn else FIRST, []).append(beside)
        peaks = {name: sampled(command, {}, cwd=out).peak_mb for name, command in commands.items()}
    return costs, peaks


def print_table(costs: Mapping[str, list[Cost]], peaks: Mapping[str, float]) -> None:
    """Print medians, the peaks, and the CPU in terms of bare.py's, turn by turn."""
    print(f"{'':22}{'s':>8}{'CPU s':>8}{'MB':>7}  {'CPU / ' + BARE:>14}  model")
    for name, own in costs.items():
        ratio = "-"
        if name != FIRST:
            ratios = [one.cpu / bare.cpu for one, bare in zip(own, costs[BARE], strict=True)]
            ratio = f"{median(ratios):.2f}"
        seconds, cpu = (median(values) for values in list(zip(*own, strict=True))[:2])
        peak = f"{peaks[name]:.0f}" if name in peaks else "-"
        print(f"{name:22}{seconds:>8.1f}{cpu:>8.1f}{peak:>7}  {ratio:>14}  {own[-1].model}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    sample_path = ROOT / "data" / "abalone-sample.csv"
    parser.add_argument("--data", type=Path, default=sample_path)
    parser.add_argument("--turns", type=int, default=7)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        print_table(*compared(arguments.data.resolve(), arguments.turns, Path(folder)))


if __name__ == "__main__":
    main()
