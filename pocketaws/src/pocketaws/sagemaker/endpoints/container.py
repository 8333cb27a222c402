"""The process of an endpoint's container: answers at a socket that it shares with its successor.

The socket listens for the endpoint's whole life and belongs to the runtime, so a connection that
comes while one container takes over from another waits in the kernel's queue and is lost by
neither. A container whose model does not load answers `GET /ping` with 500 and never gets traffic
on AWS, so here it ends before it accepts anything.
"""

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final

from pocketaws.sagemaker.endpoints.meter import Meter
from pocketaws.sagemaker.xgboost.serving import (
    ScoringService,
    ServingSettings,
    run_until_sigterm,
)
from pocketaws.sagemaker.xgboost.serving_workers import run_workers
from pocketaws.wire.http_server import HttpServer
from pocketaws.wire.messages import HttpAnswer, Limits, Request

_PING: Final = Request("GET", "/ping", {}, b"")
_INVOCATIONS: Final = "/invocations"

Handler = Callable[[Request], HttpAnswer]


def main(
    model_dir: str,
    folder: str,
    ready_path: str,
    listening: int,
    *,
    workers: int,
    image_tag: str,
) -> int:
    """Answer until SIGTERM, then finish what has begun.

    Args:
        model_dir: what model.tar.gz holds, unpacked.
        folder: the container's own; gets what `endpoint_meter` writes.
        ready_path: takes `{"pid": ...}` once every worker accepts connections and hears SIGTERM.
        listening: descriptor of the socket.
        workers: processes that answer.
        image_tag: of the model's image, such as "3.2-0".

    Returns:
        0, or 1 where the ping fails or a worker ends by itself.
    """
    settings = ServingSettings.of(os.environ, image_tag=image_tag)
    service = ScoringService(Path(model_dir), settings)
    ping = service.answer(_PING)
    if ping.status != HTTPStatus.OK:
        print(f"ping: {ping.status}: {' '.join(ping.body.decode().split())}", file=sys.stderr)
        return 1
    service.prepare()
    limits = Limits(settings.max_content_length)

    def work(accepts: Callable[[], None]) -> None:
        server = HttpServer(metered(service.answer, Meter(Path(folder), os.getpid())), limits)
        asyncio.run(run_until_sigterm(server, socket.socket(fileno=listening), accepts=accepts))

    return run_workers(workers, work, started=lambda: _write_ready(Path(ready_path)))


def metered(answer: Handler, meter: Meter) -> Handler:
    """Return a handler that counts the calls of /invocations."""

    def handler(request: Request) -> HttpAnswer:
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


def _write_ready(path: Path) -> None:
    """Write the file whole or not at all, since somebody waits for it."""
    written_path = path.with_name(path.name + ".part")
    written_path.write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")
    written_path.replace(path)
