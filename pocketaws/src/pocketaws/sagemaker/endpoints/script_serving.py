"""Serve with a script of the user's own, as the scikit-learn container does.

The script's `model_fn`, `input_fn`, `predict_fn` and `output_fn`, or `transform_fn`, are called;
what it leaves out is done as the container does it.
https://github.com/aws/sagemaker-scikit-learn-container
https://sagemaker.readthedocs.io/en/v2.32.0/frameworks/sklearn/using_sklearn.html
"""

import importlib.util
import io
import json
import sys
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import numpy as np

from pocketaws.wire.messages import HttpAnswer, Request

_JSON: Final = "application/json"
_CSV: Final = "text/csv"
_NPY: Final = "application/x-npy"
# Handed to the script as texts.
_TEXTS: Final = (_JSON, _CSV)


class ScriptService:
    """Answers calls with a script's functions.

    Args:
        model_dir: what model.tar.gz holds; the script's folder is `code` in it.
        environment: of the container: SAGEMAKER_PROGRAM and its like.

    Raises:
        OSError: there is no such script.
        AttributeError: it has no `model_fn`.
    """

    def __init__(self, model_dir: Path, environment: Mapping[str, str]) -> None:
        program = model_dir / "code" / environment.get("SAGEMAKER_PROGRAM", "")
        if not program.is_file():
            raise OSError(f"there is no script {program.name!r} in the container's code")
        self._script = _imported(program)
        self._model = self._script.model_fn(str(model_dir))
        self._accept = environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", _JSON)

    def answer(self, request: Request) -> HttpAnswer:
        """Answer a call of /invocations."""
        content_type = request.headers.get("content-type", _JSON)
        accept = request.headers.get("accept", "")
        accept = self._accept if accept in {"", "*/*"} else accept
        body: Any = request.body.decode() if content_type in _TEXTS else request.body
        try:
            told = self._told(body, content_type, accept)
        except Exception as error:
            # The script's: its trace is the container's log's.
            traceback.print_exc()
            return HttpAnswer(HTTPStatus.INTERNAL_SERVER_ERROR, str(error).encode(), "text/plain")
        content, kind = told if isinstance(told, tuple) else (told, accept)
        content = content if isinstance(content, bytes) else str(content).encode()
        return HttpAnswer(HTTPStatus.OK, content, kind)

    def _told(self, body: Any, content_type: str, accept: str) -> Any:
        script = self._script
        if hasattr(script, "transform_fn"):
            return script.transform_fn(self._model, body, content_type, accept)
        read = getattr(script, "input_fn", _decoded)(body, content_type)
        predict = getattr(script, "predict_fn", lambda given, model: model.predict(given))
        return getattr(script, "output_fn", _encoded)(predict(read, self._model), accept)


def _imported(program: Path) -> Any:
    sys.path.insert(0, str(program.parent))
    spec = importlib.util.spec_from_file_location(program.stem, program)
    assert spec is not None, "a file with a suffix has one"  # noqa: S101
    assert spec.loader is not None, "so has its spec"  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _decoded(body: Any, content_type: str) -> Any:
    if content_type == _JSON:
        return np.array(json.loads(body))
    if content_type == _CSV:
        return np.genfromtxt(io.StringIO(body), dtype=np.float32, delimiter=",")
    if content_type == _NPY:
        return np.load(io.BytesIO(body), allow_pickle=False).astype(np.float32)
    raise ValueError(f"Content type {content_type} is not supported by this framework.")


def _encoded(prediction: Any, accept: str) -> Any:
    if accept == _JSON:
        return json.dumps(np.asarray(prediction).tolist())
    stream = io.BytesIO()
    if accept == _CSV:
        np.savetxt(stream, np.atleast_1d(prediction), delimiter=",", fmt="%s")
    elif accept == _NPY:
        np.save(stream, np.asarray(prediction), allow_pickle=False)
    else:
        raise ValueError(f"Accept type {accept} is not supported by this framework.")
    return stream.getvalue()
