"""What docs/adapt.md shows, carried out on a copy of the project: its first command."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

PROJECT_DIR: Final = Path(__file__).parents[3]
DOCUMENT_PATH: Final = PROJECT_DIR / "docs" / "adapt.md"
_NEW: Final = re.compile(r"^\$ python -m (workflow new \S+.*)$", re.MULTILINE)
# What a clone would not hold, or what no command of a copy reads.
_LEFT_OUT: Final = (
    *(".*", "__pycache__", "*.egg-info"),
    *("runs", "reports", "packaged", "node_modules", "tests", "bench"),
)


def adapt_copy(copy_dir: Path, data_path: Path) -> str:
    """Copy the project, carry the document's command out on the copy, and return what it said.

    Args:
        copy_dir: is made.
        data_path: the file whose name the command has.
    """
    ignored = shutil.ignore_patterns(*_LEFT_OUT)
    shutil.copytree(PROJECT_DIR, copy_dir, symlinks=True, ignore=ignored)
    [command] = _NEW.findall(DOCUMENT_PATH.read_text(encoding="utf-8"))
    words = [str(data_path) if word == data_path.name else word for word in shlex.split(command)]
    assert str(data_path) in words, command
    ended = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=copy_dir,
        env={**os.environ, "PYTHONPATH": str(copy_dir), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
