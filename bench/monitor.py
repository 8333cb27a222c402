"""Compare the monitor with Evidently's data-drift preset on the same captured calls.

Usage: python bench/monitor.py [--captures 1000000] [--turns 3] [--peer-python PYTHON] [--tenfold]

PYTHON is that of an environment with bench/peers/evidently.txt, such as
.venv-evidently/bin/python; without it the peer is left out. The captures are a tenth of a million
lines, drawn from the sample and written as SageMaker does, and linked as often as needed: about
1.2 GB for a million. Both read all of them, compare every column with the same training rows, and
write a page. They take turns; seconds, also those of CPU, are medians, memory the highest peak of
the process with its workers, looked at ten times a second.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

PROJECT_DIR = Path(__file__).parents[1]
SAMPLE_PATH = PROJECT_DIR / "data" / "abalone-sample.csv"
FILE_LINES = 100_000
FLAGS = {"F": "1,0,0", "I": "0,1,0", "M": "0,0,1"}
COLUMNS = ("length", "diameter", "height", "whole", "shucked", "viscera", "shell")
HEADER = (*COLUMNS, "sex_F", "sex_I", "sex_M", "rings")


def main() -> int:
    """Print seconds, rows per second and megabytes of both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--captures", type=int, default=1_000_000, help="default: a million")
    parser.add_argument("--turns", type=int, default=3, help="default: 3")
    parser.add_argument("--peer-python", type=Path, help="has Evidently")
    parser.add_argument("--tenfold", action="store_true", help="ten times the captures, too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, arguments.captures)
        commands = {"monitor": monitor(folder, "captures")}
        if arguments.peer_python:
            script = PROJECT_DIR / "bench" / "peers" / "monitor_evidently.py"
            commands["Evidently"] = [
                *(str(arguments.peer_python), str(script), str(folder / "captures")),
                *(str(folder / "reference.csv"), str(folder / "evidently.html")),
            ]
        found: dict[str, list[Run]] = {name: [] for name in commands}
        for _ in range(arguments.turns):
            for name_, command in commands.items():
                found[name_].append(measured(command))
        show(found, arguments.captures)
        if arguments.tenfold:
            link(folder, "tenfold", 10 * arguments.captures)
            show({"monitor": [measured(monitor(folder, "tenfold"))]}, 10 * arguments.captures)
    return 0


def show(found: dict[str, list[Run]], captures: int) -> None:
    """Print a line for each."""
    for name, runs in found.items():
        seconds = statistics.median(run.seconds for run in runs)
        cpu_seconds = statistics.median(run.cpu_seconds for run in runs)
        peak = max(run.peak_mb for run in runs)
        print(
            f"{name:>9}: {captures:,} captures, {seconds:.1f} s, {cpu_seconds:.1f} s of CPU, "
            f"{captures / seconds:,.0f} rows/s, peak {peak:.0f} MB"
        )


class Run(NamedTuple):
    """What a command took; the peak is that of all its processes together."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measured(command: Sequence[str]) -> Run:
    """Run a command."""
    begun, peak, cpu = time.perf_counter(), 0.0, cpu_of_children()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            everyone = [watched, *watched.children(recursive=True)]
            peak = max(peak, sum(one.memory_info().rss for one in everyone) / 1e6)
        except psutil.NoSuchProcess:
            continue
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with exit code {process.returncode}")
    return Run(time.perf_counter() - begun, cpu_of_children() - cpu, peak)


def cpu_of_children() -> float:
    """Return the seconds of CPU of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def monitor(folder: Path, captures: str) -> list[str]:
    """Return the monitor's command line."""
    flags = {
        "--baseline-path": folder / "baseline.json",
        "--captures-dir": folder / captures,
        "--output-dir": folder / "output",
        "--message-path": folder / "message",
    }
    script = PROJECT_DIR / "jobs" / "monitor.py"
    return [sys.executable, str(script), *(str(x) for pair in flags.items() for x in pair)]


def prepare(folder: Path, captures: int) -> None:
    """Write the captures, the reference and the baseline."""
    rows = list(csv.reader(SAMPLE_PATH.read_text().splitlines()))
    encoded = [f"{','.join(row[1:8])},{FLAGS[row[0]]}" for row in rows]
    train = folder / "train"
    train.mkdir()
    lines = [f"{row[8]},{line}" for row, line in zip(rows, encoded, strict=True)][:2924]
    (train / "part.csv").write_text("\n".join(lines) + "\n")
    reference = [f"{line},{row[8]}" for row, line in zip(rows, encoded, strict=True)][:2924]
    (folder / "reference.csv").write_text("\n".join([",".join(HEADER), *reference]) + "\n")
    write_baseline(train, folder / "baseline.json", np.array([float(r[8]) for r in rows[:600]]))
    made = random.Random(1)
    with (folder / "captures.jsonl").open("w") as file:
        for number in range(FILE_LINES):
            file.write(capture(made.choice(encoded), f"{made.gauss(9.9, 2.5):.7f}", number, made))
    link(folder, "captures", captures)


def write_baseline(train: Path, path: Path, predicted: np.ndarray) -> None:
    """Write baseline.json by the evaluation's own code, in a process that may import jobs/."""
    code = (
        "import json, sys; from pathlib import Path; import numpy; "
        f"sys.path.insert(0, {str(PROJECT_DIR / 'jobs')!r}); import baseline; "
        f"predicted = numpy.array({predicted.tolist()!r}); "
        f"document = baseline.draw_baseline(Path({str(train)!r}), lambda: [predicted], {{}}); "
        f"Path({str(path)!r}).write_text(json.dumps(document))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def capture(row: str, predicted: str, number: int, made: random.Random) -> str:
    """Return a line as SageMaker writes it, 1.2 kB long by what the caller adds to it."""
    parts = {"endpointInput": ("INPUT", row), "endpointOutput": ("OUTPUT", f"{predicted}\n")}
    record = {
        "captureData": {
            name: {
                "observedContentType": "text/csv",
                "mode": mode,
                "data": data,
                "encoding": "CSV",
            }
            for name, (mode, data) in parts.items()
        },
        "eventMetadata": {
            "eventId": str(uuid.UUID(int=made.getrandbits(128))),
            "customAttributes": ["x" * 750],
            "inferenceTime": f"2026-11-23T08:{number // 60 % 60:02}:{number % 60:02}Z",
        },
        "eventVersion": "0",
    }
    return json.dumps(record, separators=(",", ":")) + "\n"


def link(folder: Path, name: str, captures: int) -> None:
    """Make a folder of as many captures, in links to one file."""
    (folder / name).mkdir()
    for number in range(max(captures // FILE_LINES, 1)):
        os.link(folder / "captures.jsonl", folder / name / f"{number:05}.jsonl")


if __name__ == "__main__":
    sys.exit(main())
