"""A call of a Node.js handler: a process of the `node` that this machine has.

https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
"""

import functools
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final

RUNTIME: Final = "nodejs"
_SWITCHES: Final = ("--permission", "--experimental-permission")
# What Lambda lets a handler do besides.
_ALLOWED: Final = (
    "--allow-child-process",
    "--allow-worker",
    "--allow-addons",
    "--allow-wasi",
    "--allow-net",
)
_QUIET: Final = ("--disable-warning=ExperimentalWarning", "--disable-warning=SecurityWarning")
_CERTIFICATES: Final = (Path("/etc/ssl"),)
_RUNNER: Final = Path(__file__).with_name("node_runner.mjs")


@functools.cache
def node_path() -> str | None:
    """Return where this machine has `node`; None where it has none."""
    return shutil.which("node")


@functools.cache
def _flags() -> frozenset[str]:
    """Return which flags of Node's permissions this machine's `node` knows."""
    node = node_path()
    assert node is not None, "a function without it is refused"  # noqa: S101
    script = "console.log([...process.allowedNodeEnvironmentFlags].join(' '))"
    told = subprocess.run([node, "-e", script], capture_output=True, text=True, check=False)  # noqa: S603 - the user's own
    return frozenset(told.stdout.split())


def permissions(reads: Sequence[Path], writes: Sequence[Path]) -> list[str]:
    """Return flags by which a handler reaches these folders and no others, where there are any.

    Against accidents, as the sandbox of Python's: what a handler starts may do as it likes.
    https://nodejs.org/api/permissions.html
    """
    known = _flags()
    switch = next((flag for flag in _SWITCHES if flag in known), None)
    if switch is None:
        return []
    beside = [flag for flag in _ALLOWED if flag in known]
    quiet = [flag for flag in _QUIET if flag.partition("=")[0] in known]
    read = [f"--allow-fs-read={path}" for path in [*map(_shown, (*reads, *writes)), _RUNNER]]
    return [
        switch,
        *beside,
        *quiet,
        *read,
        *(f"--allow-fs-write={_shown(path)}" for path in writes),
    ]


def _shown(path: Path) -> str:
    """Return a path as Node takes it: a folder ends with a stroke."""
    return f"{path}/" if path.is_dir() else str(path)


class NodeProcess:
    """A process that calls a handler; its exit code comes when it has ended.

    Args:
        handler: such as "index.handler".
        task_dir: the unpacked bundle.
        arguments: further ones of the runner, as texts.
        reads: further folders and files that it may read.
        writes: folders that it may write to.
        environment: of the process, and nothing else.
        log_path: takes what it prints.
    """

    def __init__(
        self,
        handler: str,
        task_dir: Path,
        arguments: list[str],
        *,
        reads: Sequence[Path] = (),
        writes: Sequence[Path] = (),
        environment: Mapping[str, str],
        log_path: Path,
    ) -> None:
        node = node_path()
        assert node is not None, "a function without it is refused"  # noqa: S101
        flags = permissions([task_dir, *reads, *_CERTIFICATES], writes)
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own function
                [node, *flags, str(_RUNNER), handler, *arguments],
                cwd=task_dir,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.exit_code: Future[int] = Future()
        threading.Thread(target=self._wait, name="node", daemon=True).start()

    def kill(self) -> None:
        """End the process and what it has started."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            # It has ended by itself.
            return

    def _wait(self) -> None:
        self.exit_code.set_result(self._process.wait())
