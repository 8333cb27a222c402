"""The table and the drawing of how a run grows with its data."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = """
import sys
sys.path.insert(0, "bench")
from pathlib import Path
import growth

bare, run = growth.Cost(2.0, 1.0, 100.0, ""), growth.Cost(3.0, 2.5, 40.0, "abc")
growth.print_rows(4177, 1, {growth.BARE: [bare], growth.RUN: [run]})
lines = {growth.BARE: [(4177, 1.0), (41770, 2.0)], growth.RUN: [(4177, 2.5)]}
growth.plot(lines, Path(sys.argv[1]))
"""


def test_ratios_and_targets_stand_beside_each_other(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path / "growth.svg")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    bare, run = done.stdout.splitlines()
    assert "1.00   1.00   1.00" in bare
    assert "1.50   2.50   0.40  abc  time 2.0, memory 0.5" in run
    drawing = (tmp_path / "growth.svg").read_text()
    assert drawing.count("<circle") == 3
    assert "41,770 rows, 2.0 s of CPU" in drawing
