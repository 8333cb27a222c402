"""Commands that meet faults: each in folders of their own, and what is left of them afterwards."""

from __future__ import annotations

import os
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from workflow.errors import WorkflowError
from workflow.laptop.recorded_model import recall

PROJECT_DIR = Path(__file__).resolve().parents[1]
# Within which nothing may be left of a command that was killed.
GONE_SECONDS = 5
_LONGEST_SECONDS = 600
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and all that it printed."""

    exit_code: int
    text: str

    @property
    def told(self) -> bool:
        """Whether it ended well, or said in a sentence why it did not."""
        # A job's own log, whose last lines are shown further in, may hold one.
        if re.search("^Traceback", self.text, re.MULTILINE):
            return False
        return self.exit_code == 0 or (self.exit_code == 1 and bool(self.text.strip()))

    @property
    def last_line(self) -> str:
        """The line that says what went wrong."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith(("error", "cause", "status"))]
        return (errors or lines or ["nothing"])[-1][:160]


@dataclass(frozen=True)
class Place:
    """A folder with all that commands write to: state, runs, home, temporary files."""

    folder: Path

    @property
    def output(self) -> str:
        """What the command that was started last has printed so far."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def make(self) -> Place:
        """Make its folders."""
        for path in (self.temporary, self.state, self.runs, self.folder / "home"):
            path.mkdir(parents=True, exist_ok=True)
        return self

    @property
    def temporary(self) -> Path:
        """What TMPDIR names."""
        return self.folder / "tmp"

    @property
    def state(self) -> Path:
        """Keeps the recorded model."""
        return self.folder / "state"

    @property
    def runs(self) -> Path:
        """Takes the files of each run."""
        return self.folder / "runs"

    def run_arguments(self, *more: str) -> list[str]:
        """Return a command that runs the workflow with this place's folders."""
        folders = ["--state-dir", str(self.state), "--output-dir", str(self.runs)]
        return [sys.executable, "-m", "workflow", "run", *folders, *more]

    def start(
        self,
        arguments: Sequence[str],
        *,
        limits: Mapping[int, int] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        """Start a command in a session of its own.

        Args:
            arguments: the command's.
            limits: of the operating system, by number, such as `resource.RLIMIT_NOFILE`.
            variables: over those of this process.
        """
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        own = {"TMPDIR": str(self.temporary), "HOME": str(self.folder / "home")}

        def limit() -> None:
            for number, value in (limits or {}).items():
                resource.setrlimit(number, (value, value))

        with (self.folder / "output.txt").open("w") as output:
            return subprocess.Popen(
                arguments,
                cwd=PROJECT_DIR,
                env=kept | own | dict(variables or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                preexec_fn=limit,  # noqa: PLW1509 - it takes no lock
            )

    def end_of(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for a command's end."""
        try:
            code = process.wait(_LONGEST_SECONDS)
        finally:
            process.kill()
        return Ended(code, self.output)

    def ran(self, arguments: Sequence[str], *, limits: Mapping[int, int] | None = None) -> Ended:
        """Run a command to its end."""
        return self.end_of(self.start(arguments, limits=limits))

    def seconds_until_gone(self, ports: Sequence[int] = ()) -> float | None:
        """Wait until nothing is left, and return how long it took; None where something stays."""
        begun = time.monotonic()
        while self.left(ports):
            if time.monotonic() > begun + GONE_SECONDS:
                return None
            time.sleep(_LOOK_SECONDS)
        return time.monotonic() - begun

    def left(self, ports: Sequence[int] = ()) -> list[str]:
        """Name the temporary files, the processes and the ports that are left."""
        return [
            *(path.name for path in self.temporary.iterdir()),
            *(f"process {process.pid}" for process in self.processes()),
            *(f"port {port}" for port in ports if _is_open(port)),
        ]

    def processes(self) -> Iterator[psutil.Process]:
        """Yield every process that was given this place's temporary folder."""
        for process in psutil.process_iter():
            try:
                is_ours = process.environ().get("TMPDIR") == str(self.temporary)
            except psutil.Error:
                continue
            if is_ours:
                yield process

    def keeps_a_model(self) -> bool:
        """Tell whether the recorded model is there and whole."""
        try:
            return recall(self.state) is not None
        except WorkflowError:
            return False


@contextmanager
def ended_at_last(process: subprocess.Popen[str]) -> Iterator[None]:
    """Kill a command's whole session at the end, whatever happens."""
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
