"""The images' Python and the XGBoost images' libraries, where this machine has them."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

PROJECT_DIR: Final = Path(__file__).parents[1]
# Both images hold it, by AWS's image tables.
VERSION: Final = "3.12"


def image_python() -> str:
    """Return a Python of the images' version, of the PATH or pyenv, or skip the test."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    on_path = shutil.which(f"python{VERSION}")
    candidates = [*([on_path] if on_path else []), *pyenv.glob(f"versions/{VERSION}.*/bin/python")]
    for found in map(str, candidates):
        # One of pyenv's own on the PATH runs only where its version is chosen.
        if not subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:
            return found
    pytest.skip(f"there is no python{VERSION}, the images' version, on the PATH or in pyenv")


def xgboost_python(version: str) -> str:
    """Return the Python beside the library of an XGBoost image ("3.2"), or skip the test."""
    folder = PROJECT_DIR / f".venv-xgboost-{version}"
    if not (folder / "ready").exists():
        pytest.skip(f"{folder.name} is not there: `make images` did not reach PyPI or was not run")
    return str(folder / "bin" / "python")
