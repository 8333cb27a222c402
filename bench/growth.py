"""Show how `workflow run` grows with its data, beside one plain process: `bench/bare.py`.

`python bench/growth.py --data abalone-uci.csv` repeats the file 1, 10, 100 and 1,000 times; add
`--repeats 10000` for 41.8 million rows, which the plain process needs some 20 GB for. For another
commit's rows, make a worktree of it and name its folder: `--before PATH`; it is run with this
environment's libraries. `--plot growth.svg` draws the seconds of CPU.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil
from preprocess import tree_mb

ROOT = Path(__file__).resolve().parents[1]
BARE, RUN, BEFORE = "bare.py", "workflow run", "before"
REPEATS = (1, 10, 100, 1000)
# By the number of repeats, what `workflow run` may take of what the plain process takes.
TARGETS = {1: 2.0, 1000: 1.25}
MEMORY_TARGET = 0.5
SAMPLE_SECONDS = 0.2


class Cost(NamedTuple):
    """What one command took: wall and CPU of all its processes in seconds, and its peak in MB."""

    seconds: float
    cpu: float
    peak_mb: float
    model: str


def measure(
    command: Sequence[str], out: Path, environment: Mapping[str, str], *, cwd: Path = ROOT
) -> Cost:
    """Run a command to its end; the digest is of the last model.tar.gz's model below `out`."""
    used, begun, peak = _children_cpu(), time.perf_counter(), 0.0
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, cwd=cwd, env={**os.environ, **environment}
    ) as process:
        tree = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, tree_mb(tree))
            time.sleep(SAMPLE_SECONDS)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with exit code {process.returncode}")
    seconds, cpu = time.perf_counter() - begun, _children_cpu() - used
    archives = sorted(out.rglob("model.tar.gz"), key=lambda path: path.stat().st_mtime)
    digest = hashlib.sha256(_model(archives[-1])).hexdigest()[:12] if archives else ""
    return Cost(seconds, cpu, peak, digest)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _model(archive: Path) -> bytes:
    done = subprocess.run(
        ["tar", "-xzOf", str(archive), "xgboost-model"], capture_output=True, check=True
    )
    return done.stdout


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


def grown(data: bytes, repeats: int, turns: int, before: Path | None) -> dict[str, list[Cost]]:
    """Measure every command on so many copies of the data, in turns."""
    names = [BARE, RUN] if before is None else [BARE, RUN, BEFORE]
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "abalone.csv"
        with path.open("wb") as file:
            for _ in range(repeats):
                file.write(data)
        for turn in range(turns):
            for name in names:
                out = Path(folder) / f"{name.split('.')[0].replace(' ', '-')}-{turn}"
                costs[name].append(
                    measure(command_of(name, path, out), out, environment_of(name, before))
                )
    return costs


def print_rows(rows: int, repeats: int, costs: Mapping[str, list[Cost]]) -> None:
    """Print what each command took, its ratio to the plain process, and what it is to be."""
    base = costs[BARE]
    for name, own in costs.items():
        ratios = [
            [
                getattr(cost, field) / getattr(bare, field)
                for cost, bare in zip(own, base, strict=True)
            ]
            for field in ("seconds", "cpu", "peak_mb")
        ]
        wall, cpu, memory = (median(values) for values in ratios)
        is_aimed = name == RUN and repeats in TARGETS
        target = f"time {TARGETS[repeats]}, memory {MEMORY_TARGET}" if is_aimed else ""
        print(
            f"{rows:>12,} {name:<13}{median(cost.seconds for cost in own):>8.1f}"
            f"{median(cost.cpu for cost in own):>8.1f}"
            f"{median(cost.peak_mb for cost in own):>8.0f}"
            f"{wall:>7.2f}{cpu:>7.2f}{memory:>7.2f}  {own[-1].model}  {target}",
            flush=True,
        )


def plot(lines: Mapping[str, Sequence[tuple[int, float]]], path: Path) -> None:
    """Draw seconds of CPU by rows, both logarithmic, as SVG."""
    width, height, edge = 480, 320, 48
    points = [point for line in lines.values() for point in line]
    low, high = (pick(math.log10(rows) for rows, _ in points) for pick in (min, max))
    bottom, top = (pick(math.log10(cpu) for _, cpu in points) for pick in (min, max))

    def place(rows: int, cpu: float) -> tuple[float, float]:
        x = edge + (math.log10(rows) - low) / ((high - low) or 1) * (width - 2 * edge)
        y = height - edge - (math.log10(cpu) - bottom) / ((top - bottom) or 1) * (height - 2 * edge)
        return round(x, 1), round(y, 1)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">']
    for (name, line), color in zip(lines.items(), ("#888", "#06c", "#c60"), strict=False):
        placed = [place(*point) for point in line]
        drawn = " ".join(f"{x},{y}" for x, y in placed)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{color}"/>')
        for (x, y), (rows, cpu) in zip(placed, line, strict=True):
            parts.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"/>')
            text = f"{name}: {rows:,} rows, {cpu:.1f} s of CPU"
            parts.append(f'<text x="{x}" y="{y - 6}" font-size="8" fill="{color}">{text}</text>')
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


def main() -> None:
    """Print the table, and draw the plot where one is asked for."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "abalone-sample.csv")
    parser.add_argument("--repeats", type=int, nargs="+", default=REPEATS)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--before", type=Path, help="another checkout")
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    data = arguments.data.read_bytes()
    lines: dict[str, list[tuple[int, float]]] = {}
    print(f"{'rows':>12} {'':<13}{'s':>8}{'CPU s':>8}{'MB':>8}   s, CPU, MB / bare.py  model")
    for repeats in arguments.repeats:
        rows = repeats * data.count(b"\n")
        costs = grown(data, repeats, arguments.turns, arguments.before)
        print_rows(rows, repeats, costs)
        for name, own in costs.items():
            lines.setdefault(name, []).append((rows, median(cost.cpu for cost in own)))
    if arguments.plot is not None:
        plot(lines, arguments.plot)


if __name__ == "__main__":
    main()
