"""A script runs as Python would run it."""

import subprocess
import sys
from pathlib import Path

RUN = "import sys; from pocketaws.sagemaker.jobs import script; script.run(sys.argv[1:])"


def test_what_a_script_does_not_catch_goes_to_its_own_hook(tmp_path: Path) -> None:
    path = tmp_path / "job.py"
    path.write_text(
        "import sys\n"
        "sys.excepthook = lambda kind, error, trace: print('told:', error)\n"
        "raise ValueError(sys.argv[1])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", RUN, path, "why"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "told: why\n")
