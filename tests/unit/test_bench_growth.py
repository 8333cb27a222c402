"""How a run grows with its data: the table, the drawing, what the targets are held to."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GROWTH = """
import sys
sys.path.insert(0, "bench")
from pathlib import Path
from costs import Cost, Memory
from figures import keep
import growth

def costs(seconds, cpu, peak, others):
    return growth.Costs([Cost(seconds, cpu, "abc")], [Memory(peak, others)])

bare, run = costs(2.0, 1.0, 100.0, 100.0), costs(3.0, 2.5, 40.0, 30.0)
growth.print_rows(4177, {growth.BARE: bare, growth.RUN: run})
growth.print_rows(41770, {growth.RUN: run})
found = {
    growth.LARGE: {growth.BARE: bare, growth.RUN: run},
    growth.HUGE: {growth.RUN: costs(27.0, 1.0, 400.0, 45.0)},
}
keep(Path(sys.argv[1]), growth.figures_of(found))
line = [growth.Point(4177, 2.0, 100.0), growth.Point(41770, 20.0, 150.0)]
growth.plot({growth.BARE: line, growth.RUN: line[:1]}, Path(sys.argv[2]))
"""
MEASURED = """
import os, time
os.makedirs("training-job/name/algo-1")
if os.fork():
    os.wait()
else:
    os.chdir("training-job/name/algo-1")
    held = b"1" * 150_000_000
    time.sleep(1.5)
"""


def test_growth_shows_ratios_to_the_plain_process_and_draws_both(tmp_path: Path) -> None:
    figures_path, plot_path = tmp_path / "figures.json", tmp_path / "growth.svg"
    done = run_code(GROWTH, str(figures_path), str(plot_path))

    bare, run, alone = done.splitlines()
    assert bare.split()[-4:] == ["1.00", "1.00", "1.00", "abc"]
    assert run.split()[-5:] == ["30", "1.50", "2.50", "0.40", "abc"]
    assert alone.split()[-4:] == ["-", "-", "-", "abc"]
    figures = {name: kept["values"] for name, kept in json.loads(figures_path.read_text()).items()}
    assert figures["large time"] == [1.5]
    assert figures["large memory"] == [0.4]
    assert figures["huge time"] == [9.0]
    assert figures["huge memory"] == [1.5]
    drawing = plot_path.read_text()
    assert drawing.count("<circle") == 6
    assert "41,770 rows 20.0 s and 150 MB" in drawing


def test_what_a_training_job_holds_is_told_from_the_rest(tmp_path: Path) -> None:
    code = (
        "import sys\nsys.path.insert(0, 'bench')\nfrom pathlib import Path\n"
        "from costs import sampled\n"
        "print(*sampled([sys.executable, '-c', sys.argv[1]], {}, cwd=Path(sys.argv[2])))"
    )
    peak, others = map(float, run_code(code, MEASURED, str(tmp_path)).split())

    assert peak > 150
    assert others < 100


def run_code(code: str, *arguments: str) -> str:
    """Run some code in the project's folder and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
