"""The real AWS CLI, against a runtime in this process."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pocketaws.runtime import LocalRuntime

Aws = Callable[..., Any]
_AWS_PATH = Path(__file__).parents[3] / ".venv-aws" / "bin" / "aws"


def aws_cli(runtime: LocalRuntime, home_dir: Path) -> Aws:
    """Return what runs the AWS CLI and returns the JSON that it prints, or its complaint.

    Where there is no AWS CLI the test is skipped, and fails in CI.
    """
    if not _AWS_PATH.exists():
        message = "no AWS CLI in .venv-aws; `make clients` installs it"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home_dir), **runtime.exported}

    def run(*arguments: str, refused: bool = False) -> Any:
        done = subprocess.run(
            [str(_AWS_PATH), *arguments, "--output", "json"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert bool(done.returncode) is refused, done.stdout + done.stderr
        return done.stderr if refused else json.loads(done.stdout or "null")

    return run
