"""The official JSONata and a checker of definitions, both in Node: judges where npm is found."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

_SOURCE_DIR = Path(__file__).parents[1] / "node"
# Made by the first test that asks, and kept.
_HOME_DIR = Path(__file__).parents[3] / ".venv-node"


def verdicts(cases: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the verdicts of node/judge.js; the test is skipped where it cannot be had."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        _skip("npm and node are not on the path")
    _install()
    done = subprocess.run(
        ["node", "judge.js"],
        cwd=_HOME_DIR,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=400,
        check=True,
    )
    judged: list[dict[str, Any]] = json.loads(done.stdout)
    return judged


def _install() -> None:
    _HOME_DIR.mkdir(exist_ok=True)
    # The processes of one test run ask at the same time.
    with (_HOME_DIR / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install_locked()


def _install_locked() -> None:
    lock = _SOURCE_DIR / "package-lock.json"
    ready = _HOME_DIR / "ready"
    for path in _SOURCE_DIR.iterdir():
        shutil.copy(path, _HOME_DIR)
    if ready.exists() and ready.read_text() == lock.read_text():
        return
    command = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        subprocess.run(command, cwd=_HOME_DIR, check=True, timeout=200, capture_output=True)
    except (subprocess.SubprocessError, OSError) as error:
        _skip(f"npm cannot install the judges: {error}")
    ready.write_text(lock.read_text())


def _skip(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
