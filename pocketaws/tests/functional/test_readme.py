"""The README's example of a project's own tests, carried out as it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pocketaws

README_PATH = Path(__file__).parents[2] / "README.md"
ORDERS_DIR = Path(__file__).parent / "orders"
SECONDS = 120


def block(language: str) -> str:
    (text,) = re.findall(
        rf"^```{language}\n(.*?)^```$", README_PATH.read_text(), re.MULTILINE | re.DOTALL
    )
    return str(text)


def test_the_example_of_a_projects_own_tests_passes(tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    shutil.copytree(ORDERS_DIR, folder)
    (folder / "pytest.ini").write_text(block("ini"))
    (folder / "test_orders.py").write_text(block("python"))

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(Path(pocketaws.__file__).parents[1]),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{block('python').count('def test_')} passed" in done.stdout


def test_every_public_name_is_there_and_listed() -> None:
    listed = set(pocketaws.__all__)

    assert listed == set(pocketaws._HOMES)
    assert all(getattr(pocketaws, name) is not None for name in listed)


def test_the_face_imports_nothing_before_it_is_asked() -> None:
    script = (
        "import sys, pocketaws\n"
        "print([name for name in sys.modules if name.startswith(('moto', 'boto', 'pocketaws.'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
