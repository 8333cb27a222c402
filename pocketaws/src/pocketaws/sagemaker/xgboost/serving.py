"""Serve a model as the built-in XGBoost container, version 3.2-0, does in algorithm mode.

`GET /ping`, `GET /execution-parameters` and `POST /invocations` on loopback, with the container's
status codes, messages, types and bodies. What it answers otherwise is said where it is: pickled
models (`serving_model`), recordio-protobuf (`serving_payload`). Errors that Flask shows as a page
are a line of text here, and XGBoost's come without the trace of its stack.

Sources: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/
algorithm_mode/serve.py`; aws/sagemaker-containers, `_server.py`.
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import asyncio
import gc
import json
import os
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from pocketaws.sagemaker.xgboost import serving_output as output
from pocketaws.sagemaker.xgboost.log import log
from pocketaws.sagemaker.xgboost.serving_model import (
    Model,
    PredictionError,
    UnreadableModelError,
    load_model,
)
from pocketaws.sagemaker.xgboost.serving_payload import (
    FORM_TYPES,
    PayloadError,
    media_type,
    read_payload,
)
from pocketaws.wire.http_server import HttpServer
from pocketaws.wire.messages import HttpAnswer, Request

_MEGABYTE: Final = 1024**2
# The images that are stood for and take the indices of libsvm as they come.
_COUNT_AS_SENT: Final = ("3.0-",)
_DEFAULT_MAX_BYTES: Final = 6 * _MEGABYTE
_METHODS: Final = {
    "/ping": ("GET", "HEAD", "OPTIONS"),
    "/execution-parameters": ("GET", "HEAD", "OPTIONS"),
    "/invocations": ("POST", "OPTIONS"),
}
_REFUSALS: Final[Mapping[type[Exception], tuple[HTTPStatus, str]]] = {
    PayloadError: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "{}"),
    UnreadableModelError: (HTTPStatus.INTERNAL_SERVER_ERROR, "Unable to load model: {}"),
    PredictionError: (HTTPStatus.BAD_REQUEST, "Unable to evaluate payload provided: {}"),
    output.AcceptError: (HTTPStatus.NOT_ACCEPTABLE, "{}"),
    output.EncodingError: (HTTPStatus.INTERNAL_SERVER_ERROR, "{}"),
}


@dataclass(frozen=True)
class ServingSettings:
    """What the variables of the model's container ask for.

    Attributes:
        max_content_length: in bytes; a larger body is 413.
        default_accept: where the request names no type.
        output_keys: the columns of selectable inference; None where it is off.
        is_batch: a batch transform, whose records are lines.
        shifts_libsvm: libsvm that counts from 1 or more is counted from one less, as image 3.2-0
            and later do.
    """

    max_content_length: int = _DEFAULT_MAX_BYTES
    default_accept: str = output.CSV
    output_keys: tuple[str, ...] | None = None
    is_batch: bool = False
    shifts_libsvm: bool = True

    @classmethod
    def of(cls, environment: Mapping[str, str], *, image_tag: str = "") -> "ServingSettings":
        """Read MAX_CONTENT_LENGTH, SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT and their like.

        Args:
            environment: of the container.
            image_tag: such as "3.2-0"; of none the newest image's rules hold.

        Raises:
            ValueError: MAX_CONTENT_LENGTH is not a number of bytes.
        """
        length = environment.get("MAX_CONTENT_LENGTH", str(_DEFAULT_MAX_BYTES))
        if not (length.isascii() and length.isdigit()):
            raise ValueError(f"MAX_CONTENT_LENGTH is {length!r}; it must be a number of bytes")
        keys = environment.get("SAGEMAKER_INFERENCE_OUTPUT")
        return cls(
            max_content_length=int(length),
            default_accept=environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", output.CSV),
            output_keys=None if keys is None else tuple(keys.replace(" ", "").lower().split(",")),
            is_batch=bool(environment.get("SAGEMAKER_BATCH")),
            shifts_libsvm=not image_tag.startswith(_COUNT_AS_SENT),
        )


class ScoringService:
    """Answers requests; loads the model when it is first needed, and again after a failure."""

    def __init__(self, model_dir: Path, settings: ServingSettings) -> None:
        self._model_dir = model_dir
        self._settings = settings
        self._model: Model | None = None

    def model(self) -> Model:
        """Return the model, loaded once.

        Raises:
            ModelError: it cannot be loaded.
        """
        if self._model is None:
            self._model = load_model(self._model_dir)
        return self._model

    def prepare(self) -> None:
        """Do before workers are forked what the first request would wait for in each.

        A model that cannot be loaded is told by /ping, which SageMaker asks.
        """
        try:
            self.model().warm_up()
        except UnreadableModelError as error:
            log(f"Unable to load model: {error}", level="ERROR")
        # The workers share the model's pages as long as no collection touches them.
        gc.collect()
        gc.freeze()

    def answer(self, request: Request) -> HttpAnswer:
        """Answer any request."""
        methods = _METHODS.get(request.path)
        if methods is None:
            return HttpAnswer(HTTPStatus.NOT_FOUND, b"{}")  # nginx's, in the container
        allow = ("Allow", ", ".join(methods))
        if request.method not in methods:
            text = f"{request.path} answers {' and '.join(methods)}, not {request.method}"
            return HttpAnswer(HTTPStatus.METHOD_NOT_ALLOWED, text.encode(), headers=[allow])
        if request.method == "OPTIONS":
            return HttpAnswer(HTTPStatus.OK, headers=[allow])
        if request.path == "/invocations":
            return self._invocation(request)
        return self._ping() if request.path == "/ping" else self._execution_parameters()

    def _ping(self) -> HttpAnswer:
        try:
            self.model()
        except UnreadableModelError as error:
            status, wording = _REFUSALS[UnreadableModelError]
            return _refused(status, wording.format(error))
        return HttpAnswer(HTTPStatus.OK)

    def _execution_parameters(self) -> HttpAnswer:
        parameters = {
            "MaxConcurrentTransforms": os.cpu_count() or 1,
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": self._settings.max_content_length // _MEGABYTE,
        }
        return HttpAnswer(HTTPStatus.OK, json.dumps(parameters).encode(), output.JSON)

    def _invocation(self, request: Request) -> HttpAnswer:
        content_type = request.headers.get("content-type")
        if not request.body or media_type(content_type) in FORM_TYPES:
            return HttpAnswer(HTTPStatus.NO_CONTENT)
        try:
            return self._predicted(request, content_type)
        except tuple(_REFUSALS) as error:
            status, wording = _REFUSALS[type(error)]
            return _refused(status, wording.format(error))

    def _predicted(self, request: Request, content_type: str | None) -> HttpAnswer:
        """Do the work in the container's order, which decides what a client is told first."""
        settings = self._settings
        features = read_payload(request.body, content_type, shifts_libsvm=settings.shifts_libsvm)
        model = self.model()
        predictions = model.predict(features)
        accept = output.accepted_type(
            request.headers.get("accept"), default=settings.default_accept
        )
        if settings.output_keys is not None:
            keys = settings.output_keys
            body = output.encoded_selection(predictions, accept, keys=keys, model=model)
            if settings.is_batch and accept == output.CSV:
                body += b"\n"
        elif settings.is_batch:
            body = output.encoded_records(predictions)
        else:
            body = output.encoded(predictions, accept)
        # Flask names the charset of text only.
        charset = "; charset=utf-8" if accept.startswith("text/") else ""
        return HttpAnswer(HTTPStatus.OK, body, accept + charset)


async def run_until_sigterm(
    server: HttpServer, listening: socket.socket, *, accepts: Callable[[], None]
) -> None:
    """Serve until SIGTERM, in a process's main thread; `accepts` is called once it would end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # Runs when the server waits for the first time, which is once it accepts.
    loop.call_soon(accepts)
    await server.run(listening, stop=stop)


def _refused(status: HTTPStatus, text: str) -> HttpAnswer:
    log(text, level="ERROR")
    return HttpAnswer(status, text.encode())
