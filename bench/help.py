"""Measure every command's help against an interpreter that does nothing, by CPU time, in turns."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median

from figures import Figure, add_option, keep
from report import cpu_seconds

REPOSITORY_DIR = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY_DIR))

from workflow.commands import SUMMARIES  # noqa: E402

NOTHING = "python -c pass"


def main() -> None:
    """Print a line a command: its CPU time and the ratio."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--turns", type=int, default=15)
    add_option(parser)
    arguments = parser.parse_args()
    commands = {NOTHING: [sys.executable, "-c", "pass"]}
    for words in ([], *([name] for name in SUMMARIES)):
        command = [sys.executable, "-P", "-m", "workflow", *words, "--help"]
        commands[" ".join([*words, "--help"])] = command
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(arguments.turns):
        for name, command in commands.items():
            seconds[name].append(cpu_seconds(command, cwd=REPOSITORY_DIR))
    ratios = {
        name: [own / base for own, base in zip(taken, seconds[NOTHING], strict=True)]
        for name, taken in seconds.items()
    }
    for name, taken in seconds.items():
        print(f"{name:18} {median(taken) * 1e3:6.1f} ms of CPU  {median(ratios[name]):5.2f}")
    worst = max((name for name in commands if name != NOTHING), key=lambda n: median(ratios[n]))
    keep(
        arguments.json,
        {
            "help of run": Figure(ratios["run --help"]),
            "help of any": Figure(ratios[worst], note=f"the longest, {worst}"),
        },
    )


if __name__ == "__main__":
    main()
