"""A job that fails where it cannot know of it says why all the same."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR


@pytest.mark.parametrize("script", ["preprocess.py", "evaluate.py"])
@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ('LABEL = "age"\nCOLUMNS = (Count("rings"), Number("x"))', "columns.py: LABEL = 'age'"),
        ('LABEL = "rings"\nCOLUMNS = (', "SyntaxError: '(' was never closed (columns.py, line 3)"),
    ],
)
def test_columns_that_cannot_be_are_the_jobs_message(
    tmp_path: Path, script: str, columns: str, told: str
) -> None:
    shutil.copytree(PROJECT_DIR / "jobs", tmp_path / "jobs")
    (tmp_path / "jobs" / "columns.py").write_text(f"from kinds import Count, Number\n{columns}\n")
    message_path = tmp_path / "output" / "message"

    done = subprocess.run(
        [sys.executable, tmp_path / "jobs" / script, "--message-path", message_path],
        capture_output=True,
        text=True,
        check=False,
    )

    kind = {"preprocess.py": "preprocessing", "evaluate.py": "evaluation"}[script]
    assert done.returncode == 1
    assert message_path.read_text().startswith(f"{kind} failed: {told}")
    assert "Traceback" in done.stderr
