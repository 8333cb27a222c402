"""Compare `jobs/preprocess.py` with the usual pandas and scikit-learn script, in turn.

Usage: python bench/preprocess.py [--data abalone-uci.csv] [--repeat 1000] [--turns 3] [--tenfold]

The data set is the UCI Abalone file, repeated. Rows per second are of the whole subprocess, start
and imports included; its peak memory is that of the process and its children, sampled. Medians.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

ROOT = Path(__file__).parents[1]
OURS = ROOT / "jobs" / "preprocess.py"
PEER = ROOT / "bench" / "peers" / "preprocess_pandas.py"
SAMPLE_SECONDS = 0.02


class Run(NamedTuple):
    """One run: its wall time in seconds and its peak memory in MB."""

    seconds: float
    peak_mb: float


def tree_mb(root: psutil.Process) -> float:
    """Sum the memory of a process and its children in MB, each shared page counted once (PSS)."""
    total = 0
    try:
        for process in [root, *root.children(recursive=True)]:
            total += process.memory_full_info().pss
    except psutil.Error:  # One ended in between; the next sample follows at once.
        return 0.0
    return total / 1e6


def measure(command: list[str]) -> Run:
    """Run a command to its end and sample the memory of its process tree."""
    began, peak = time.perf_counter(), 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        tree = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, tree_mb(tree))
            time.sleep(SAMPLE_SECONDS)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with exit code {process.returncode}")
    return Run(seconds, peak)


def run_ours(folder: Path, input_dir: Path) -> Run:
    """Run the job on every core, as on an instance of its own."""
    config = folder / "resourceconfig.json"
    config.write_text(json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]}))
    command = [sys.executable, OURS, "--input-dir", input_dir, "--output-dir", folder / "ours"]
    command += ["--resource-config", config, "--message-path", folder / "message"]
    return measure([str(part) for part in command])


def run_peer(folder: Path, input_dir: Path) -> Run:
    """Run the pandas script."""
    command = [sys.executable, PEER, "--input-dir", input_dir, "--output-dir", folder / "peer"]
    return measure([str(part) for part in command])


def write_data(data: bytes, path: Path, repeat: int) -> int:
    """Write the rows `repeat` times and return their number."""
    path.parent.mkdir()
    with path.open("wb") as file:
        for _ in range(repeat):
            file.write(data)
    return repeat * data.count(b"\n")


def print_line(name: str, rows: int, runs: list[Run]) -> None:
    """Print the medians of one script."""
    seconds = statistics.median(run.seconds for run in runs)
    peak = statistics.median(run.peak_mb for run in runs)
    print(f"{name:<12}{rows:>12,}{seconds:>10.1f}{rows / seconds:>12,.0f}{peak:>10.0f}")


def compare(folder: Path, data: bytes, *, repeat: int, pairs: int, tenfold: bool) -> None:
    """Run both scripts in turn `pairs` times, then ours on ten times the data, and print."""
    rows = write_data(data, folder / "once" / "abalone.csv", repeat)
    ours, peer = [], []
    for _ in range(pairs):
        ours.append(run_ours(folder, folder / "once"))
        peer.append(run_peer(folder, folder / "once"))
    print(f"{'':<12}{'rows':>12}{'seconds':>10}{'rows/s':>12}{'peak MB':>10}")
    print_line("pandas", rows, peer)
    print_line("ours", rows, ours)
    ratio = statistics.median(b.seconds / a.seconds for a, b in zip(ours, peer, strict=True))
    print(f"ours is {ratio:.1f} times as fast (median of {pairs} pairs)")
    if tenfold:
        shutil.rmtree(folder / "peer")
        rows = write_data(data, folder / "tenfold" / "abalone.csv", 10 * repeat)
        large = run_ours(folder, folder / "tenfold")
        print_line("ours x10", rows, [large])
        growth = large.peak_mb / statistics.median(run.peak_mb for run in ours)
        print(f"ten times the rows take {growth:.2f} times the memory")


def main() -> None:
    """Read the arguments, and compare in a folder that is removed at the end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "abalone-sample.csv")
    parser.add_argument("--repeat", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument(
        "--tenfold", action="store_true", help="also run ours on ten times the rows"
    )
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        compare(
            Path(name),
            arguments.data.read_bytes(),
            repeat=arguments.repeat,
            pairs=arguments.turns,
            tenfold=arguments.tenfold,
        )


if __name__ == "__main__":
    main()
