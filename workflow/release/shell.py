"""Run a shell script of the pipeline: few variables, a log file, and no process left behind."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from workflow.errors import WorkflowError

# What a machine needs to be itself; nothing else of the user's reaches a build, least of all keys.
_OF_THE_MACHINE: Final = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy"),
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_INDEX_URL", "PIP_CONFIG_FILE"),
    *("PIP_CERT", "UV_INDEX_URL", "UV_DEFAULT_INDEX"),
)
_STOP_SECONDS: Final = 10


def environment(credentials: Mapping[str, str], **more: str) -> dict[str, str]:
    """Return the variables of a build: this machine's few, its role's, and those given."""
    own = {name: os.environ[name] for name in _OF_THE_MACHINE if name in os.environ}
    return {**own, **credentials, **more}


def run_script(
    text: str,
    *,
    folder: Path,
    variables: Mapping[str, str],
    log_path: Path,
    timeout_seconds: float,
) -> int:
    """Run a script with bash, its output in a log file, and return its exit code.

    Raises:
        WorkflowError: there is no bash, or the script took too long.
    """
    bash = shutil.which("bash")
    if bash is None:
        raise WorkflowError("there is no bash on the PATH, which runs the commands; install it")
    with log_path.open("wb") as log:
        # A session of its own: whatever it starts is stopped with it.
        with _sigint_not_ignored():
            process = subprocess.Popen(  # noqa: S603 - the pipeline's own commands are to be run
                [bash, "-c", text],
                cwd=folder,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            return process.wait(timeout_seconds)
        except subprocess.TimeoutExpired as error:
            message = f"it took longer than {timeout_seconds:.0f} s; see {log_path}"
            raise WorkflowError(message) from error
        finally:
            _stop(process)


@contextmanager
def _sigint_not_ignored() -> Iterator[None]:
    """Let a script that is started in the context be interrupted.

    A shell has what it starts with & ignore SIGINT, and so has everything below it: tests of
    Ctrl-C would wait for ever.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def last_lines(log_path: Path, count: int) -> list[str]:
    """Return the last lines of a log that hold something."""
    lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if line.strip()][-count:]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End what is left of the script's session, politely first where the script still runs."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
