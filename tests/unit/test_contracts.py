"""The contracts of imports break where they should: a breach of each, in a copy of the packages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR

pytestmark = pytest.mark.slow

LINTER = Path(sys.executable).with_name("lint-imports")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contracts")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(PROJECT_DIR / "workflow", folder / "workflow", ignore=ignored)
    source = PROJECT_DIR / "pocketaws" / "src" / "pocketaws"
    shutil.copytree(source, folder / "pocketaws", ignore=ignored)
    shutil.copyfile(PROJECT_DIR / "pyproject.toml", folder / "pyproject.toml")
    return folder


def linted(folder: Path) -> str:
    done = subprocess.run(
        [LINTER, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONSAFEPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_copy_as_it_is_breaks_none(copy: Path) -> None:
    assert " 0 broken." in linted(copy)


@pytest.mark.parametrize(
    ("path", "text", "contract"),
    [
        ("workflow/new.py", "", "The workflow's imports run in one direction"),
        ("pocketaws/new.py", "", "The emulator's imports run in one direction"),
        ("workflow/account/new.py", "import workflow.commands", "The workflow's imports run in"),
        ("pocketaws/iam/new.py", "import pocketaws.runtime", "The emulator's imports run in"),
        (
            "workflow/laptop/new.py",
            "import pocketaws.runtime",
            "The workflow knows the emulator by",
        ),
        ("pocketaws/iam/new.py", "import workflow.errors", "The emulator knows nothing of the"),
        ("pocketaws/iam/new.py", "import moto", "Only a folder called moto knows moto"),
        ("workflow/laptop/new.py", "import moto", "Only a folder called moto knows moto"),
        ("workflow/laptop/new.py", "import stepfunctions", "Only the definition knows the SDK"),
        ("pocketaws/iam/new.py", "import sagemaker", "Only the definition knows the SDK"),
        ("workflow/definition/new.py", "import pocketaws", "The definition stands alone"),
    ],
)
def test_a_breach_breaks_its_contract(copy: Path, path: str, text: str, contract: str) -> None:
    (copy / path).write_text(f'"""A breach."""\n\n{text}\n')
    try:
        told = linted(copy)
    finally:
        (copy / path).unlink()

    broken = [line for line in told.splitlines() if "BROKEN" in line]
    assert any(line.startswith(contract) for line in broken), told
