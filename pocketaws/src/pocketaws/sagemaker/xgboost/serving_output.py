"""Write predictions as the XGBoost container answers them.

Without `SAGEMAKER_INFERENCE_OUTPUT` a prediction is a line of text/csv or a score of JSON; with it,
the columns that the variable names ("selectable inference").

Sources: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/
algorithm_mode/serve.py` (`_parse_accept`, `invocations`) and `serve_utils.py` (`VALID_OBJECTIVES`,
`get_selected_predictions`, `encode_selected_predictions`); aws/sagemaker-containers,
`_encoders.py` (`array_to_csv`).
https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pocketaws.sagemaker.xgboost import float_texts, recordio
from pocketaws.sagemaker.xgboost.serving_model import Model, Predictions

CSV: Final = "text/csv"
JSON: Final = "application/json"
JSON_LINES: Final = "application/jsonlines"
RECORDIO: Final = "application/x-recordio-protobuf"
_ACCEPTED: Final = (JSON, JSON_LINES, RECORDIO, CSV)

_NAN: Final = float("nan")
_SCORES: Final = ("raw_score", "raw_scores")
_LABELS: Final = ("predicted_label", "labels")
_PROBABILITIES: Final = ("probability", "probabilities")
_REGRESSION: Final = ("predicted_score",)
# The order in which the container writes them, whatever the variable's.
_KEYS: Final = (
    *("predicted_label", "labels", "probability", "probabilities"),
    *("raw_score", "raw_scores", "predicted_score"),
)
SELECTABLE: Final[Mapping[str, Sequence[str]]] = {
    "reg:squarederror": _REGRESSION,
    "reg:logistic": _REGRESSION,
    "reg:gamma": _REGRESSION,
    "reg:tweedie": _REGRESSION,
    "reg:absoluteerror": _REGRESSION,
    "binary:logistic": (*_LABELS, *_PROBABILITIES, *_SCORES),
    "binary:logitraw": (*_LABELS, *_SCORES),
    "binary:hinge": (*_LABELS, *_SCORES),
    "multi:softmax": (*_LABELS, *_SCORES),
    "multi:softprob": (*_LABELS, *_PROBABILITIES, *_SCORES),
}
# Other objectives predict the label itself.
_LABEL_OF: Final[Mapping[str, Callable[[Any], Any]]] = {
    "binary:logistic": lambda probability: int(probability > 0.5),  # noqa: PLR2004 - the container's
    "binary:logitraw": lambda score: int(score > 0),
    "multi:softprob": lambda probabilities: probabilities.index(max(probabilities)),
}


class AcceptError(ValueError):
    """The container answers in no such type."""


class EncodingError(ValueError):
    """The container breaks while it writes the answer."""


def accepted_type(accept: str | None, *, default: str) -> str:
    """Return the type that a request's Accept header asks for.

    Raises:
        AcceptError: it is none of the container's; a list of several is none.
    """
    asked = (accept or "").partition(";")[0].strip()
    if not asked or asked == "*/*":
        return default
    if asked.lower() not in _ACCEPTED:
        raise AcceptError(
            f"Accept type {asked} is not supported. "
            f"Please use supported accept types: {list(_ACCEPTED)}."
        )
    return asked.lower()


def encoded(predictions: Predictions, accept: str) -> bytes:
    """Write plain predictions: a line each, or `{"predictions": [{"score": ...}, ...]}`.

    Raises:
        EncodingError: as in the container, which knows the other types only with
            SAGEMAKER_INFERENCE_OUTPUT, and breaks.
    """
    if accept == CSV:
        columns = predictions[0].size
        return float_texts.joined(predictions.ravel(), b"," * (columns - 1) + b"\n")
    if accept == JSON:
        scores = [{"score": score} for score in predictions.tolist()]
        return json.dumps({"predictions": scores}).encode()
    raise EncodingError(
        f"Accept type {accept} is answered only where SAGEMAKER_INFERENCE_OUTPUT is set; use {CSV}"
    )


def encoded_records(predictions: Predictions) -> bytes:
    """Write the predictions of a batch transform: a line each, and a list of classes as a list."""
    if predictions.ndim == 1:
        return encoded(predictions, CSV)
    return "".join(f"{prediction}\n" for prediction in predictions.tolist()).encode()


def encoded_selection(
    predictions: Predictions, accept: str, *, keys: Sequence[str], model: Model
) -> bytes:
    """Write the columns of SAGEMAKER_INFERENCE_OUTPUT; one that the objective lacks is NaN.

    A row of CSV has them in the order of the variable, an object of JSON and a record in that of
    the container, each once.

    Raises:
        EncodingError: the objective has no columns, or the type is none of these, which only
            SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT can ask for.
    """
    if model.objective not in SELECTABLE:
        raise EncodingError(
            f"Objective `{model.objective}` unsupported for selectable inference predictions."
        )
    ordered = sorted(dict.fromkeys(keys), key=_position)
    rows = [_selected(prediction, ordered, model) for prediction in predictions.tolist()]
    if accept == RECORDIO:
        return b"".join(recordio.framed(_listed(row)) for row in rows)
    if accept == JSON:
        return json.dumps({"predictions": rows}).encode()
    if accept == JSON_LINES:
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if accept == CSV:
        return "\n".join(",".join(_cell(row[key]) for key in keys) for row in rows).encode()
    raise EncodingError(f"Cannot encode selected predictions into accept type '{accept}'.")


def _position(key: str) -> int:
    return _KEYS.index(key) if key in _KEYS else len(_KEYS)


def _listed(row: Mapping[str, Any]) -> dict[str, list[float]]:
    return {key: value if isinstance(value, list) else [value] for key, value in row.items()}


def _selected(prediction: Any, keys: Sequence[str], model: Model) -> dict[str, Any]:
    known = SELECTABLE[model.objective]
    return {key: _value(key, prediction, model) if key in known else _NAN for key in keys}


def _value(key: str, prediction: Any, model: Model) -> Any:
    if key == "predicted_label":
        return _LABEL_OF.get(model.objective, lambda label: label)(prediction)
    if key == "labels":
        return list(range(model.class_count or 2))
    if key in ("probability", "raw_score"):
        return max(prediction) if isinstance(prediction, list) else prediction
    if key in ("probabilities", "raw_scores"):
        return prediction if isinstance(prediction, list) else [1.0 - prediction, prediction]
    return prediction


def _cell(value: Any) -> str:
    return f'"{value}"' if isinstance(value, list) else str(value)
