"""The short form of `make soak`."""

import subprocess
import sys

from tests.conftest import PROJECT_DIR

SHORT = ("--executions", "100", "--at-once", "20", "--upload-mb", "64")


def test_a_runtime_under_load_grows_by_little_and_leaves_nothing() -> None:
    done = subprocess.run(
        [sys.executable, PROJECT_DIR / "bench" / "soak.py", *SHORT],
        capture_output=True,
        text=True,
        check=False,
    )

    # How long the later half takes says something on an idle machine only.
    rows = [row for row in done.stdout.splitlines() if not row.startswith("time")]
    assert len(rows) == 5, done.stderr
    assert [row for row in rows if "NOT HELD" in row] == []
