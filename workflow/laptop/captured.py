"""Captured calls that lie in a folder, compared on this machine by the monitor's own script."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from workflow.errors import WorkflowError
from workflow.laptop.stack import TEMPLATE_PATH

_SCRIPT_PATH: Final = TEMPLATE_PATH.with_name("jobs") / "monitor.py"


def compare_folder(folder: Path, output_dir: Path, settings: Mapping[str, str]) -> str:
    """Compare, write the report and its page, and return what came of it in a sentence.

    Args:
        folder: of the captured calls, as they lie in the bucket.
        output_dir: gets report.json, report.html and history.json.
        settings: further arguments of jobs/monitor.py.

    Raises:
        WorkflowError: the baseline or an argument cannot be used.
    """
    if not folder.is_dir():
        raise WorkflowError(f"--captures {folder}: there is no such folder")
    flags = {
        "--captures-dir": str(folder),
        "--output-dir": str(output_dir),
        "--history-path": str(output_dir / "history.json"),
        "--message-path": str(output_dir / "message"),
        **settings,
    }
    done = subprocess.run(  # noqa: S603 - the project's own script
        [
            sys.executable,
            "-B",
            str(_SCRIPT_PATH),
            *(text for pair in flags.items() for text in pair),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise WorkflowError(done.stderr.strip())
    return done.stdout.strip()
