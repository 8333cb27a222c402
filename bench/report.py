"""Measure a run's report against `bare.py`, and `workflow runs` against `git log`, by CPU time.

`python bench/report.py` takes a run's folder (`--run`, such as one of `make run`), and the sample
for `bare.py`. The report is made anew of the record in a process of its own; its imports, which
`workflow run` does beside the execution, are not counted. `runs` lists copies of the folder, and
`git log` as many commits of a repository made for it, in turns; an interpreter that does nothing
is the least that a command in Python can take.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

BENCH_DIR: Final = Path(__file__).parent
FOLDERS: Final = 1_000
_REPORT: Final = """
import json, sys, time
from pathlib import Path
from workflow.report.page import page_of
from workflow.report.record import as_text, from_json
record = from_json(json.loads(Path(sys.argv[1]).read_text()))
before = time.process_time()
text, page = as_text(record), page_of(record)
print(json.dumps([time.process_time() - before, len(page.encode()), len(record.states)]))
"""


def cpu_seconds(command: Sequence[str], *, cwd: Path | None = None) -> float:
    """Run a command and return the CPU seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a line a measurement: the median of all turns."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--run", type=Path, required=True, help="the folder of a run")
    parser.add_argument("--data", type=Path, default=BENCH_DIR.parent / "data/abalone-sample.csv")
    parser.add_argument("--turns", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _measure_report(args, folder)
        _measure_runs(args, folder)


def _measure_report(args: argparse.Namespace, folder: Path) -> None:
    record_path = args.run / "run.json"
    bare = [sys.executable, str(BENCH_DIR / "bare.py"), "--data", str(args.data)]
    bare += ["--output-dir", str(folder / "bare")]
    reports, bares = [], []
    size = states = 0
    for _ in range(args.turns):
        done = subprocess.run(
            [sys.executable, "-c", _REPORT, str(record_path)], stdout=subprocess.PIPE, check=True
        )
        seconds, size, states = json.loads(done.stdout)
        reports.append(seconds)
        bares.append(cpu_seconds(bare))
    report, whole = statistics.median(reports), statistics.median(bares)
    print(f"report of {states} states: {report:.3f} s of CPU, {size:,} bytes")
    print(f"bare.py: {whole:.3f} s of CPU; the report is {report / whole:.3f} of it")


def _measure_runs(args: argparse.Namespace, folder: Path) -> None:
    runs, repository = folder / "runs", folder / "repository"
    for index in range(FOLDERS):
        (runs / f"run-{index}").mkdir(parents=True)
        shutil.copyfile(args.run / "run.json", runs / f"run-{index}" / "run.json")
    _make_repository(repository)
    listing = [sys.executable, "-m", "workflow", "runs", "--output-dir", str(runs)]
    log = ["git", "log", "--stat"]
    print(f"workflow runs, the first time: {cpu_seconds(listing):.4f} s of CPU")
    commands = {
        f"workflow runs, {FOLDERS} folders": listing,
        "workflow runs --help": [*listing[:4], "--help"],
        "python -c pass": [sys.executable, "-c", "pass"],
        f"git log --stat, {FOLDERS} commits": log,
        f"git log, {FOLDERS} commits": log[:2],
    }
    turns = [
        {name: cpu_seconds(command, cwd=repository) for name, command in commands.items()}
        for _ in range(args.turns)
    ]
    for name in commands:
        print(f"{name}: {statistics.median(turn[name] for turn in turns):.4f} s of CPU")


def _make_repository(path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    parts = []
    for index in range(FOLDERS):
        text = f"Run {index}"
        parts.append(
            f"commit refs/heads/main\ncommitter A <a@example.com> {1_700_000_000 + index} +0000\n"
            f"data {len(text)}\n{text}\n"
            f"M 644 inline run-{index}\ndata {len(text)}\n{text}\n\n"
        )
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=path, input="".join(parts).encode(), check=True
    )
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=path, check=True)


if __name__ == "__main__":
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    main()
