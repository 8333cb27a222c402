"""The CDK's command, installed by npm once and kept."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR

_SOURCE_DIR = Path(__file__).with_name("cdk_app")
_HOME_DIR = PROJECT_DIR / ".venv-node" / "cdk"


def installed_app() -> Path:
    """Return the folder of the application with the CDK beside it; the test is skipped without."""
    if shutil.which("npm") is None:
        _skip("npm is not on the path")
    _HOME_DIR.mkdir(parents=True, exist_ok=True)
    # The processes of one test run ask at the same time.
    with (_HOME_DIR / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copytree(_SOURCE_DIR, _HOME_DIR, dirs_exist_ok=True)
        _install()
    return _HOME_DIR


def _install() -> None:
    wanted, ready = (_SOURCE_DIR / "package-lock.json").read_text(), _HOME_DIR / "ready"
    if ready.exists() and ready.read_text() == wanted:
        return
    command = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        subprocess.run(command, cwd=_HOME_DIR, check=True, timeout=280, capture_output=True)
    except (subprocess.SubprocessError, OSError) as error:
        _skip(f"npm cannot install the CDK: {error}")
    ready.write_text(wanted)


def _skip(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
