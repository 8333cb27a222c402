"""Compare preprocessing a table of every kind of column with preprocessing the abalone's.

Usage: python bench/preprocess_kinds.py [--rows 1000000] [--turns 3]

Both run in turn on as many rows; the table has missing values, and some rows in other spellings.
Rows per second are of the whole subprocess; medians.
"""

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from preprocess import ROOT, Run, measure, print_line

COLUMNS = """from kinds import *

LABEL = "y"
SPLIT = ByGroup("note")
COLUMNS = (
    Number("a"),
    Number("b", signed=True),
    Number("c", unit="kg"),
    Number("d", thousands="'"),
    Count("n"),
    Date("day", since="2020-01-01"),
    Flag("flag"),
    Ordered("size", ("small", "medium", "large")),
    Category("color", ("red", "green", "blue")),
    Category("city", ("Paris", "Rome"), unseen="other"),
    Hashed("device", buckets=8),
    Ignored("note"),
    Number("y"),
)
"""
DRAWN_ROWS = 50_000


def row(drawn: random.Random) -> str:
    """Draw a row of every kind; a tenth of some cells is missing."""

    def maybe(text: str) -> str:
        return "" if drawn.random() < 0.1 else text

    return ",".join(
        [
            maybe(f"{drawn.random():.4f}"),
            f"{drawn.uniform(-9, 9):.3f}",
            f"{drawn.uniform(0, 99):.1f} kg",
            f"1'{drawn.randint(100, 999)}",
            str(drawn.randint(1, 99)),
            maybe(f"202{drawn.randint(0, 5)}-0{drawn.randint(1, 9)}-{drawn.randint(10, 28)}"),
            drawn.choice(["yes", "no"]),
            drawn.choice(["small", "medium", "large"]),
            maybe(drawn.choice(["red", "green", "blue"])),
            drawn.choice(["Paris", "Rome", "Oslo", "Bonn"]),
            f"{drawn.randint(0, 20_000):x}",
            str(drawn.randint(0, 5000)),
            f"{drawn.uniform(0, 9):.2f}",
        ]
    )


def write_rows(path: Path, lines: list[str], rows: int) -> None:
    """Write the lines again and again until there are enough."""
    path.parent.mkdir(parents=True)
    text = "\n".join([*lines, ""])
    with path.open("w") as file:
        for _ in range(-(-rows // len(lines))):
            file.write(text)


def run_job(folder: Path, jobs_dir: Path, input_dir: Path) -> Run:
    """Run a job on every core."""
    config = folder / "resourceconfig.json"
    config.write_text(json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]}))
    command = [sys.executable, "-B", jobs_dir / "preprocess.py", "--input-dir", input_dir]
    command += ["--output-dir", folder / "output", "--resource-config", config]
    command += ["--message-path", folder / "message"]
    return measure([str(part) for part in command])


def main() -> None:
    """Read the arguments and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()

    drawn = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "jobs", folder / "jobs")
        (folder / "jobs" / "columns.py").write_text(COLUMNS)
        write_rows(
            folder / "kinds" / "k.csv", [row(drawn) for _ in range(DRAWN_ROWS)], arguments.rows
        )
        sample = (ROOT / "data" / "abalone-sample.csv").read_text().splitlines()
        write_rows(folder / "abalone" / "a.csv", sample, arguments.rows)
        runs: dict[str, list[Run]] = {"abalone": [], "every kind": []}
        for _ in range(arguments.turns):
            runs["abalone"].append(run_job(folder, ROOT / "jobs", folder / "abalone"))
            runs["every kind"].append(run_job(folder, folder / "jobs", folder / "kinds"))
    print(f"{'':<12}{'rows':>12}{'seconds':>10}{'rows/s':>12}{'peak MB':>10}")
    for title, those in runs.items():
        print_line(title, arguments.rows, those)
    pairs = zip(runs["abalone"], runs["every kind"], strict=True)
    ratio = statistics.median(a.seconds / b.seconds for a, b in pairs)
    print(f"every kind present: {ratio:.2f} times the abalone's rows per second")


if __name__ == "__main__":
    main()
