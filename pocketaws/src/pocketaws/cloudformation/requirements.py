"""What `sam build` does with a function's requirements.txt: its packages lie beside the handler."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pocketaws.errors import DeploymentError

NAME: Final = "requirements.txt"
_LAST_LINES: Final = 5


def installed(requirements_path: Path, cache: Path, *, subject: str) -> Path | None:
    """Return a folder with a function's packages; None where its requirements name none.

    The folder is kept by the requirements' text and this Python's version. Packages are those of
    this machine and this Python, since the handler runs in them, whatever the template's runtime.

    Args:
        requirements_path: of the function.
        cache: takes the folder; see `environment.cache_dir`.
        subject: names the function in an error.

    Raises:
        DeploymentError: they cannot be installed, with the installer's last words.
    """
    text = requirements_path.read_text(encoding="utf-8-sig")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    if not any(lines):
        return None
    seed = f"{sys.version_info[:2]} {sys.platform} {text}".encode()
    folder = cache / hashlib.sha256(seed).hexdigest()
    if not folder.exists():
        _install(requirements_path, folder, subject)
    return folder


def _install(requirements_path: Path, folder: Path, subject: str) -> None:
    made = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    try:
        completed = subprocess.run(  # noqa: S603 - pip or uv, of this environment
            [*_installer(subject), "--requirement", str(requirements_path), "--target", str(made)],
            # Relative paths in the requirements start there, as for `sam build`.
            cwd=requirements_path.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if completed.returncode != 0:
            said = (completed.stderr or completed.stdout).strip().splitlines()[-_LAST_LINES:]
            raise DeploymentError(
                f"{subject}: {requirements_path} cannot be installed: {' '.join(said)}"
            )
        # Another deployment may have made the same meanwhile.
        if not folder.exists():
            made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _installer(subject: str) -> Sequence[str]:
    if importlib.util.find_spec("pip") is not None:
        return (
            *(sys.executable, "-m", "pip", "install", "--quiet"),
            *("--disable-pip-version-check", "--no-input"),
        )
    here = str(Path(sys.executable).parent)
    uv = shutil.which("uv", path=os.pathsep.join([here, os.environ.get("PATH", os.defpath)]))
    if uv is not None:
        return (uv, "pip", "install", "--quiet", "--python", sys.executable)
    raise DeploymentError(
        f"{subject}: it has a {NAME}, and neither pip nor uv is here to install it; "
        "`python -m ensurepip` brings pip"
    )
