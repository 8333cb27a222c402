"""The process of an endpoint's container: answers at a socket that it shares with its successor.

The socket listens for the endpoint's whole life and belongs to the runtime, so a connection that
comes while one container takes over from another waits in the kernel's queue and is lost by
neither. A container whose model does not load answers `GET /ping` with 500 and never gets traffic
on AWS, so here it ends before it accepts anything.
"""

import asyncio
import gc
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final

import numpy as np

from workflow.local.containers.xgboost_serving import ScoringService, ServingSettings
from workflow.local.containers.xgboost_serving_http import HttpServer
from workflow.local.containers.xgboost_serving_messages import Answer, Limits, Request
from workflow.local.containers.xgboost_serving_workers import run_workers
from workflow.local.endpoint_meter import Meter

_PING: Final = Request("GET", "/ping", {}, b"")
_INVOCATIONS: Final = "/invocations"

Handler = Callable[[Request], Answer]


def main(model_dir: str, folder: str, ready_path: str, listening: int, *, workers: int) -> int:
    """Answer until SIGTERM, then finish what has begun.

    Args:
        model_dir: what model.tar.gz holds, unpacked.
        folder: the container's own; gets what `endpoint_meter` writes, and a file `accepting-...`
            of each worker that accepts connections.
        ready_path: takes `{"pid": ...}` as soon as SIGTERM is heard.
        listening: descriptor of the socket.
        workers: processes that answer.

    Returns:
        0, or 1 where the ping fails or a worker ends by itself.
    """
    settings = ServingSettings.of(os.environ)
    service = ScoringService(Path(model_dir), settings)
    ping = service.answer(_PING)
    if ping.status != HTTPStatus.OK:
        print(f"ping: {ping.status}: {' '.join(ping.body.decode().split())}", file=sys.stderr)
        return 1
    # XGBoost imports it at the first prediction, if it finds it, to ask whether rows are a frame of
    # it; they never are. What else the first one takes, no caller shall wait for.
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type] # what import takes for "absent"
    model = service.model()
    model.predict(np.full((1, model.feature_count), np.nan, dtype=np.float32))
    # The workers share the model's pages as long as no collection touches them.
    gc.collect()
    gc.freeze()
    return run_workers(
        workers,
        lambda: _work(service.answer, Path(folder), listening, Limits(settings.max_content_length)),
        started=lambda: _write_ready(Path(ready_path)),
    )


def metered(answer: Handler, meter: Meter) -> Handler:
    """Return a handler that counts the calls of /invocations."""

    def handler(request: Request) -> Answer:
        if request.path != _INVOCATIONS:
            return answer(request)
        begun = time.perf_counter_ns()
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
        try:
            answered = answer(request)
            status = answered.status
        finally:
            meter.count(status, (time.perf_counter_ns() - begun) // 1000)
        return answered

    return handler


def _work(answer: Handler, folder: Path, listening: int, limits: Limits) -> None:
    server = HttpServer(metered(answer, Meter(folder, os.getpid())), limits)
    accepting_path = folder / f"accepting-{os.getpid()}"
    asyncio.run(_until_sigterm(server, socket.socket(fileno=listening), accepting_path.touch))


async def _until_sigterm(
    server: HttpServer, listening: socket.socket, told: Callable[[], None]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # Runs when the server waits for the first time, which is once it accepts.
    loop.call_soon(told)
    await server.run(listening, stop=stop)


def _write_ready(path: Path) -> None:
    """Write the file whole or not at all, since somebody waits for it."""
    written_path = path.with_name(path.name + ".part")
    written_path.write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")
    written_path.replace(path)
