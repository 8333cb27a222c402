"""Compare a local run of the workflow with one plain process, and with the same steps in Metaflow.

`python bench/run.py` takes a few minutes. For the Metaflow row, make an environment of
`bench/peers/requirements.txt` and name its interpreter: `--metaflow-python PATH`. For another
commit's row, make a worktree of it, `make .venv/ready` there, and name its folder: `--before PATH`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from figures import Figure, add_option, keep
from timing import alternate, ratios, table

BENCH_DIR = Path(__file__).resolve().parent
REPOSITORY_DIR = BENCH_DIR.parent
BARE = "bare.py"
RUN = "workflow run"
SECOND = "second run in a row"
BEFORE = "before"
METAFLOW = "Metaflow"
NO_CACHE = "--no-cache"


def commands_to_time(
    data_path: Path, metaflow_python: Path | None, before: Path | None, out: Path
) -> dict[str, list[str]]:
    """Name each command; all read `data_path` and write below `out`."""
    commands = {
        BARE: [
            sys.executable,
            str(BENCH_DIR / "bare.py"),
            *("--data", str(data_path), "--output-dir", str(out / "bare")),
        ],
        RUN: [
            *_workflow_run(Path(sys.executable), data_path, out / "workflow"),
            *("--fresh", NO_CACHE),
        ],
        SECOND: _workflow_run(Path(sys.executable), data_path, out / "second"),
    }
    if before is not None:
        python = before.absolute() / ".venv" / "bin" / "python"
        # An older build may know of no caching.
        command_path = before / "workflow" / "commands" / "run.py"
        knows = command_path.exists() and NO_CACHE in command_path.read_text(encoding="utf-8")
        options = ["--fresh", NO_CACHE] if knows else ["--fresh"]
        commands[BEFORE] = [*_workflow_run(python, data_path, out / "before"), *options]
    if metaflow_python is not None:
        commands[METAFLOW] = [
            str(metaflow_python),
            str(BENCH_DIR / "peers" / "flow.py"),
            *("run", "--data", str(data_path), "--output-dir", str(out / "metaflow")),
        ]
    return commands


def _workflow_run(python: Path, data_path: Path, out: Path) -> list[str]:
    # -P: the checkout that the interpreter's environment belongs to, not the current one.
    return [
        *(str(python), "-P", "-m", "workflow", "run"),
        *("--data", str(data_path), "--output-dir", str(out / "runs")),
        *("--state-dir", str(out / "state")),
    ]


def environment_for(out: Path) -> dict[str, str]:
    """Return this environment with Metaflow kept to local folders below `out`, off any network."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("METAFLOW_")},
        "METAFLOW_HOME": str(out / "metaflow-home"),
        "METAFLOW_USER": "bench",
        "METAFLOW_DEFAULT_DATASTORE": "local",
        "METAFLOW_DEFAULT_METADATA": "local",
        "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(out / "metaflow-datastore"),
    }


def existing(metaflow_python: Path | None) -> Path | None:
    """Return the absolute path of Metaflow's interpreter, or None where there is none.

    A link is not followed: the interpreter finds its environment by the path it is called by.
    """
    if metaflow_python is None or not metaflow_python.is_file():
        return None
    return metaflow_python.absolute()


def main() -> None:
    """Time a local run of the workflow against plain Python and, if given, Metaflow."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    sample_path = REPOSITORY_DIR / "data" / "abalone-sample.csv"
    parser.add_argument("--data", type=Path, default=sample_path)
    parser.add_argument("--turns", type=int, default=7, help="turns, at least 7 to compare")
    parser.add_argument("--metaflow-python", type=Path)
    parser.add_argument("--before", type=Path, help="another checkout, with its .venv")
    add_option(parser)
    arguments = parser.parse_args()
    metaflow_python = existing(arguments.metaflow_python)

    with TemporaryDirectory() as folder:
        out = Path(folder)
        commands = commands_to_time(
            arguments.data.resolve(), metaflow_python, arguments.before, out
        )
        # The first run, of which the second reuses what its jobs made.
        subprocess.run(commands[SECOND], cwd=REPOSITORY_DIR, stdout=subprocess.DEVNULL, check=True)
        seconds = alternate(
            commands,
            arguments.turns,
            cwd=REPOSITORY_DIR,
            environment=environment_for(out),
        )
    print(table(seconds, baseline=BARE))
    to_first = sorted(ratios(seconds, SECOND, RUN))
    middle = statistics.median(to_first)
    print(f"{SECOND} / {RUN}: {middle:.3f} ({to_first[0]:.3f}..{to_first[-1]:.3f}; aim 0.5)")
    if arguments.before is not None:
        to_before = sorted(ratios(seconds, RUN, BEFORE))
        middle = statistics.median(to_before)
        print(f"{RUN} / {BEFORE}: {middle:.3f} ({to_before[0]:.3f}..{to_before[-1]:.3f})")
    if metaflow_python is None:
        print(f"no Metaflow row: --metaflow-python is {arguments.metaflow_python}, not a file")
    pairs = {
        "run / bare.py": (RUN, BARE),
        "second / first": (SECOND, RUN),
        "Metaflow / run": (METAFLOW, RUN),
        "run / before": (RUN, BEFORE),
    }
    found = {
        name: Figure(ratios(seconds, own, base))
        for name, (own, base) in pairs.items()
        if own in seconds and base in seconds
    }
    keep(arguments.json, found)


if __name__ == "__main__":
    main()
