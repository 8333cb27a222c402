"""Show how `workflow run` grows with its data, beside one plain process: `bench/bare.py`.

`python bench/growth.py --data abalone-uci.csv` repeats the file 1, 10, 100 and 1,000 times; add
`--repeats 10000` for 41.8 million rows, which take minutes and some 10 GB of disk; the plain
process is left out where the machine has too little memory for it. For another commit's rows, make
a worktree of it and name its folder: `--before PATH`; it is run with this environment's libraries.
`--plot growth.svg` draws time and memory. Memory is looked at in a run of its own in each turn.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil
from costs import Cost, Memory, measure, sampled
from figures import Figure, add_option, keep
from growth_plot import Point, plot

ROOT = Path(__file__).resolve().parents[1]
BARE, RUN, BEFORE = "bare.py", "workflow run", "before"
LARGE, HUGE = 1_000, 10_000
REPEATS = (1, 10, 100, LARGE)
# The most turns by the number of repeats; they take seconds, half a minute and minutes.
TURNS = {LARGE: 3, HUGE: 1}
# Of pandas, its shuffled parts and XGBoost's matrices.
BARE_BYTES_A_ROW = 400


@dataclass(frozen=True)
class Costs:
    """What a command took in each turn."""

    times: list[Cost] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)

    def of(self, name: str) -> list[float]:
        """Return a field of `Cost` or `Memory`, turn by turn."""
        taken: Sequence[Cost | Memory] = self.times if name in Cost._fields else self.memory
        return [getattr(turn, name) for turn in taken]


def command_of(name: str, data: Path, out: Path) -> list[str]:
    """Return the command of a row of the table."""
    if name == BARE:
        arguments = [str(ROOT / "bench" / "bare.py"), "--data", str(data)]
        return [sys.executable, *arguments, "--output-dir", str(out)]
    folders = ["--output-dir", str(out / "runs"), "--state-dir", str(out / "state")]
    command = ["-P", "-m", "workflow", "run", "--fresh"]
    return [sys.executable, *command, "--data", str(data), *folders]


def environment_of(name: str, before: Path | None) -> dict[str, str]:
    """Return what has the commit before be imported in place of this one."""
    if name != BEFORE or before is None:
        return {}
    return {"PYTHONPATH": f"{before}{os.pathsep}{before / 'pocketaws' / 'src'}"}


def grown(data: bytes, repeats: int, turns: int, before: Path | None) -> dict[str, Costs]:
    """Measure every command on so many copies of the data, in turns."""
    names = [BARE, RUN] if before is None else [BARE, RUN, BEFORE]
    needed = repeats * data.count(b"\n") * BARE_BYTES_A_ROW
    if needed > psutil.virtual_memory().available:
        print(f"{BARE} is left out: it takes {needed / 1e9:.0f} GB, more than are available")
        names.remove(BARE)
    costs = {name: Costs() for name in names}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "abalone.csv"
        with path.open("wb") as file:
            for _ in range(repeats):
                file.write(data)
        out = Path(folder) / "out"
        for _ in range(turns):
            for name in names:
                command, environment = command_of(name, path, out), environment_of(name, before)
                costs[name].times.append(measure(command, out, environment, cwd=ROOT))
                shutil.rmtree(out)
            for name in names:
                command, environment = command_of(name, path, out), environment_of(name, before)
                costs[name].memory.append(sampled(command, environment, cwd=ROOT))
                shutil.rmtree(out)
    return costs


def ratios(own: Costs, base: Costs, name: str) -> list[float]:
    """Divide a field of two commands turn by turn."""
    return [one / other for one, other in zip(own.of(name), base.of(name), strict=True)]


def print_rows(rows: int, costs: Mapping[str, Costs]) -> None:
    """Print what each command took, and its ratio to the plain process."""
    for name, own in costs.items():
        fields = ("seconds", "cpu", "peak_mb")
        cells = ["-"] * len(fields)
        if BARE in costs:
            cells = [f"{median(ratios(own, costs[BARE], field)):.2f}" for field in fields]
        seconds, cpu, peak = (median(own.of(field)) for field in fields)
        others = "-" if name == BARE else f"{median(own.of('others_mb')):.0f}"
        print(
            f"{rows:>12,} {name:<13}{len(own.times):>6}{seconds:>8.1f}{cpu:>8.1f}{peak:>8.0f}"
            f"{others:>17}"
            f"{cells[0]:>7}{cells[1]:>7}{cells[2]:>7}  {own.times[-1].model}",
            flush=True,
        )


def figures_of(costs: Mapping[int, Mapping[str, Costs]]) -> dict[str, Figure]:
    """Return the ratios that have targets, of costs by the number of repeats."""
    figures = {}
    large, huge = costs.get(LARGE, {}), costs.get(HUGE, {})
    if BARE in large:
        figures["large time"] = Figure(ratios(large[RUN], large[BARE], "seconds"))
        figures["large memory"] = Figure(ratios(large[RUN], large[BARE], "peak_mb"))
    if large and huge:
        for name, taken in (("huge time", "seconds"), ("huge memory", "others_mb")):
            base = median(large[RUN].of(taken))
            figures[name] = Figure([value / base for value in huge[RUN].of(taken)])
    return figures


def main() -> None:
    """Print the table, and draw the plot where one is asked for."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "abalone-sample.csv")
    parser.add_argument("--repeats", type=int, nargs="+", default=REPEATS)
    parser.add_argument(
        "--turns", type=int, default=7, help=f"at most {TURNS[LARGE]} of the large, 1 of the huge"
    )
    parser.add_argument("--before", type=Path, help="another checkout")
    parser.add_argument("--plot", type=Path)
    add_option(parser)
    arguments = parser.parse_args()
    data = arguments.data.read_bytes()
    found: dict[int, dict[str, Costs]] = {}
    lines: dict[str, list[Point]] = {}
    print(
        f"{'rows':>12} {'':<13}{'turns':>6}{'s':>8}{'CPU s':>8}{'MB':>8}{'but the training':>17}"
        "   s, CPU, MB / bare.py  model"
    )
    for repeats in arguments.repeats:
        rows = repeats * data.count(b"\n")
        turns = min(arguments.turns, TURNS.get(repeats, arguments.turns))
        found[repeats] = grown(data, repeats, turns, arguments.before)
        print_rows(rows, found[repeats])
        for name, own in found[repeats].items():
            point = Point(rows, median(own.of("seconds")), median(own.of("peak_mb")))
            lines.setdefault(name, []).append(point)
        # What is larger may fail.
        keep(arguments.json, figures_of(found))
    if arguments.plot is not None:
        plot(lines, arguments.plot)


if __name__ == "__main__":
    main()
