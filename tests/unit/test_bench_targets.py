"""The table at the end of `make bench`."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_says_what_held_what_was_missed_and_what_was_not_measured(tmp_path: Path) -> None:
    figures = {
        "run / bare.py": {"values": [2.5, 1.9, 2.0], "note": ""},
        "Metaflow / run": {"values": [1.2], "note": "slow"},
    }
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(figures))
    done = subprocess.run(
        [sys.executable, "bench/targets.py", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()]
    assert [
        "`workflow run` / bare.py, s",
        "2.00 (1.90..2.50, 3 turns)",
        "at most 2",
        "held",
    ] in rows
    assert [
        "Metaflow / `workflow run`, s",
        "1.20 (1.20..1.20, 1 turn; slow)",
        "at least 1.5",
        "missed",
    ] in rows
    told = {row[0]: row[-1] for row in rows if row[1] == "not measured"}
    assert told["41.8 M rows / 4.18 M rows, s"] == "LARGE=1 measures it"
    assert told["4.18 M rows: `workflow run` / bare.py, s"] == "its benchmark failed"
    assert done.returncode == 1
    assert "large time" in done.stderr
