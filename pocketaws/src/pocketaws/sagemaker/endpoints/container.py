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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from pocketaws.processes.memory import keep_memory
from pocketaws.sagemaker.endpoints.meter import Meter
from pocketaws.sagemaker.endpoints.script_serving import ScriptService
from pocketaws.sagemaker.xgboost.serving import (
    ScoringService,
    ServingSettings,
    run_until_sigterm,
)
from pocketaws.sagemaker.xgboost.serving_workers import run_workers
from pocketaws.wire.http_server import HttpServer
from pocketaws.wire.messages import HttpAnswer, Limits, Request

# Whose script is called; of other images XGBoost's container is stood for.
SCRIPT: Final = "sagemaker-scikit-learn"
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
    stages: Sequence[Mapping[str, Any]] = (),
) -> int:
    """Answer until SIGTERM, then finish what has begun.

    Args:
        model_dir: what model.tar.gz holds, unpacked.
        folder: the container's own; gets what `endpoint_meter` writes.
        ready_path: takes `{"pid": ...}` once every worker accepts connections and hears SIGTERM.
        listening: descriptor of the socket.
        workers: processes that answer.
        image_tag: of the model's image, such as "3.2-0".
        stages: of a pipeline, each with `work`, `image_tag` and `environment`; what its
            model.tar.gz holds lies in a folder of its number.

    Returns:
        0, or 1 where the ping fails or a worker ends by itself.
    """
    settings = ServingSettings.of(os.environ, image_tag=image_tag)
    try:
        handler = _in_turn(Path(model_dir), stages) if stages else _scoring(model_dir, settings)
    except Exception as error:
        print(f"ping: {type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    limits = Limits(settings.max_content_length)

    def work(accepts: Callable[[], None]) -> None:
        keep_memory()
        server = HttpServer(metered(handler, Meter(Path(folder), os.getpid())), limits)
        asyncio.run(run_until_sigterm(server, socket.socket(fileno=listening), accepts=accepts))

    return run_workers(workers, work, started=lambda: _write_ready(Path(ready_path)))


def _scoring(model_dir: str | Path, settings: ServingSettings) -> Handler:
    """Return what answers for XGBoost's container.

    Raises:
        RuntimeError: its ping fails.
    """
    service = ScoringService(Path(model_dir), settings)
    ping = service.answer(_PING)
    if ping.status != HTTPStatus.OK:
        raise RuntimeError(f"{int(ping.status)}: {ping.body.decode()}")
    service.prepare()
    return service.answer


def _in_turn(model_dir: Path, stages: Sequence[Mapping[str, Any]]) -> Handler:
    """Return what calls the containers of a pipeline one after another.

    Each gets the answer of the one before, with its Content-Type; the last one what the caller
    accepts. One that fails answers for all.
    https://docs.aws.amazon.com/sagemaker/latest/dg/inference-pipelines.html
    """
    # The scripts first: they may import what XGBoost must not see afterwards.
    made = {
        number: _stage(stage, model_dir / str(number))
        for number, stage in sorted(enumerate(stages), key=lambda pair: pair[1]["work"])
    }
    handlers = [made[number] for number in range(len(stages))]

    def handler(request: Request) -> HttpAnswer:
        if request.path != _INVOCATIONS:
            return handlers[-1](request)
        accept = {key: request.headers[key] for key in ("accept",) if key in request.headers}
        given = replace(request, headers=_without(request.headers, "accept"))
        for place, answer in enumerate(handlers):
            if place == len(handlers) - 1:
                given = replace(given, headers={**given.headers, **accept})
            answered = answer(given)
            if answered.status != HTTPStatus.OK:
                return answered
            headers = {**_without(given.headers, "accept"), "content-type": answered.content_type}
            given = replace(given, headers=headers, body=answered.body)
        return answered

    return handler


def _stage(stage: Mapping[str, Any], model_dir: Path) -> Handler:
    if stage["work"] == SCRIPT:
        return _pinged(ScriptService(model_dir, stage["environment"]).answer)
    return _scoring(
        model_dir, ServingSettings.of(stage["environment"], image_tag=stage["image_tag"])
    )


def _pinged(answer: Handler) -> Handler:
    def handler(request: Request) -> HttpAnswer:
        return answer(request) if request.path == _INVOCATIONS else HttpAnswer(HTTPStatus.OK)

    return handler


def _without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


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
