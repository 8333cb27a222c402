"""The parent's handle on a serving container: start it, know that it is ready, stop it gently.

XGBoost is not imported here: the container is a child of the zygote that has done so.
"""

import contextlib
import json
import os
import signal
import time
from collections.abc import Mapping
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workflow.errors import LocalRuntimeError
from workflow.local.processes import Child, Zygote

TARGET: Final = "workflow.local.containers.xgboost_serving:main"
READY_NAME: Final = "ready.json"
LOG_NAME: Final = "log.txt"
_POLL_SECONDS: Final = 0.005


@dataclass(frozen=True)
class ServingProcess:
    """A container that accepts connections; whether its model loads, `GET /ping` tells."""

    zygote: Zygote
    child: Child
    pid: int
    port: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self, *, timeout_seconds: float = 35.0) -> int:
        """Have it finish the requests that have begun, and return its exit code.

        Args:
            timeout_seconds: after which it is killed, as SageMaker does.

        Raises:
            LocalRuntimeError: the zygote is gone, and the container with it.
        """
        # Not after its end was told: another process may have the number by then.
        if not self.child.exit_code.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
        if not wait([self.child.exit_code], timeout_seconds).done:
            self.zygote.kill(self.child)
        return self.child.exit_code.result()


def start(
    zygote: Zygote,
    model_dir: Path,
    *,
    folder: Path,
    environment: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
    timeout_seconds: float = 30.0,
) -> ServingProcess:
    """Start a container and wait until it accepts connections.

    Args:
        zygote: has `workflow.local.containers.xgboost_serving` imported, or the child does.
        model_dir: what model.tar.gz holds, unpacked; it is only read.
        folder: the container's own, empty; takes its log.
        environment: of the container, such as `{"SAGEMAKER_INFERENCE_OUTPUT": ...}`.
        options: further arguments of `xgboost_serving.main`, such as `{"port": 8080}`.
        timeout_seconds: after which it is killed.

    Raises:
        LocalRuntimeError: it ended, or was not ready in time; the log's last line tells why.
    """
    ready_path, log_path = folder / READY_NAME, folder / LOG_NAME
    child = zygote.start_child(
        TARGET,
        {"model_dir": str(model_dir), "ready_path": str(ready_path), **(options or {})},
        environment=environment,
        folders=[folder],
        read_only=[model_dir],
        log_path=log_path,
        subject="the XGBoost serving container",
    )
    deadline = time.monotonic() + timeout_seconds
    while not ready_path.exists():
        if child.exit_code.done() or time.monotonic() > deadline:
            zygote.kill(child)
            raise LocalRuntimeError(f"the serving container did not start: {_last_line(log_path)}")
        time.sleep(_POLL_SECONDS)
    ready = json.loads(ready_path.read_text(encoding="utf-8"))
    return ServingProcess(zygote, child, pid=ready["pid"], port=ready["port"])


def _last_line(log_path: Path) -> str:
    written = log_path.read_text(errors="replace") if log_path.exists() else ""
    return (written.strip().splitlines() or ["no message in its log"])[-1]
