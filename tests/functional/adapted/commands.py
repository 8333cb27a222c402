"""The commands of a copy, run in it as a person would, in processes of their own."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_SECONDS: Final = 200
_READY: Final = "Ctrl-C stops it"


@dataclass(frozen=True)
class Copy:
    """An adapted copy of the project."""

    copy_dir: Path

    def start(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a command of the copy's own `workflow` package, stdout and stderr in one."""
        return subprocess.Popen(
            [sys.executable, "-m", "workflow", *arguments],
            cwd=self.copy_dir,
            env={
                **{name: text for name, text in os.environ.items() if not name.startswith("AWS_")},
                **(environment or {}),
                "PYTHONPATH": str(self.copy_dir),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def said(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run a command to its end and return what it printed; it has to succeed."""
        process = self.start(*arguments, environment=environment)
        printed, _ = process.communicate(timeout=_SECONDS)
        assert process.returncode == 0, printed
        return printed

    def json_file(self, name: str) -> dict[str, Any]:
        """Return the content of the only file of a name that an execution left."""
        [path] = self.copy_dir.glob(f"runs/**/{name}")
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content

    @contextlib.contextmanager
    def served(self) -> Iterator[Mapping[str, str]]:
        """Train on the sample and serve the model; yield what to export to reach it."""
        process = self.start("serve", "--port", "0")
        try:
            _wait_until_ready(process)
            lines = (self.copy_dir / ".workflow" / "local.env").read_text().splitlines()
            yield dict(
                assignment.split("=", 1)
                for line in lines
                if line.startswith("export ")
                for assignment in shlex.split(line.removeprefix("export "))
            )
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=_SECONDS)


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        printed.append(line)
        if _READY in line:
            return
    raise AssertionError("".join(printed))
