"""A call of a Node.js handler: a process of the `node` that this machine has.

https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
"""

import functools
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Final

RUNTIME: Final = "nodejs"
_RUNNER: Final = Path(__file__).with_name("node_runner.mjs")


@functools.cache
def node_path() -> str | None:
    """Return where this machine has `node`; None where it has none."""
    return shutil.which("node")


class NodeProcess:
    """A process that calls a handler; its exit code comes when it has ended.

    Args:
        handler: such as "index.handler".
        task_dir: the unpacked bundle.
        arguments: further ones of the runner, as texts.
        environment: of the process, and nothing else.
        log_path: takes what it prints.
    """

    def __init__(
        self,
        handler: str,
        task_dir: Path,
        arguments: list[str],
        *,
        environment: Mapping[str, str],
        log_path: Path,
    ) -> None:
        node = node_path()
        assert node is not None, "a function without it is refused"  # noqa: S101
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own function
                [node, str(_RUNNER), handler, *arguments],
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
