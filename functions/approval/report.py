"""What the evaluation left in S3 for people: evaluation.json and report.json, read leniently.

The forms are those of jobs/evaluate.py. A decision does not hang on the plots, so whatever is
missing or malformed is left out here, and the page says so.
"""

import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from plain import cut, one_line

_BY: Final = "by_"
_OF_CLASS: Final = ("rows", "precision", "recall", "f1")
_OF_CLASSES: Final = ("auc", "logloss", "accuracy", "f1", "average_precision")
# Under which name evaluation.json holds the metrics of a kind of problem, and what is shown.
METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    "regression_metrics": ("mse", "rmse", "mae", "r2"),
    "binary_classification_metrics": _OF_CLASSES,
    "multiclass_classification_metrics": _OF_CLASSES,
}
# What is shown of the rows of a category, as in the execution's report.
_OF_GROUPS: Final[Mapping[str, str]] = {"regression_metrics": "mse"}
_OF_GROUPS_OF_CLASSES: Final = "logloss"
_CURVE_METRICS: Final = ("mse", "logloss")
# jobs/documents.py writes none that are larger.
MAXIMUM_BYTES: Final = 1_000_000
_LINK_SECONDS: Final = 900
# Of a number, by the rounding of its sums.
_NOISE: Final = 1e-12
_MAXIMUM_POINTS: Final = 2_000
_MAXIMUM_BARS: Final = 200
_LABEL_MAXIMUM: Final = 40
_S3_PREFIX: Final = re.compile(r"s3://(?P<bucket_name>[^/\s]+)/(?P<prefix>\S+?)/*")
# Sums and differences of such numbers are still numbers.
_LARGEST: Final = 1e150

Point = tuple[float, float]


@dataclass(frozen=True)
class Metric:
    """A metric on the test rows, with its standard error."""

    value: float
    standard_deviation: float


@dataclass(frozen=True)
class Classes:
    """The candidate's figures of a classification; nothing where they are not told.

    Attributes:
        numbers: rows, precision, recall and f1 by class.
        matrix: rows by their class, and then by the one that was predicted.
    """

    numbers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    matrix: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """The metrics by name, of a kind of problem; `production` is None where there was none.

    `groups` are the rows by the values of each category, each with its `group_metric`;
    `weighted_by` is the column of the rows' weights, nothing where they weigh alike, and
    `has_class_weights` says whether classes weigh otherwise in training.
    """

    rows: int
    candidate: Mapping[str, Metric]
    production: Mapping[str, Metric] | None
    groups: Mapping[str, Sequence["Group"]] = field(default_factory=dict)
    group_metric: str = "mse"
    weighted_by: str = ""
    has_class_weights: bool = False
    classes: Classes = Classes()


@dataclass(frozen=True)
class Group:
    """The rows that have one value of a category, and a metric of both models on them."""

    value: str
    rows: int
    candidate: Metric
    production: Metric | None


@dataclass(frozen=True)
class Histogram:
    """Counts in bins; there is one edge more than counts, and they ascend."""

    edges: Sequence[float]
    counts: Sequence[float]


@dataclass(frozen=True)
class Report:
    """What the plots draw; each is empty or None where the report does not hold it.

    Attributes:
        label: what is predicted, and so the unit of the errors, such as "rings".
        pairs: actual and predicted label of a sample of the test rows.
        residuals: of actual - predicted.
        learning_curve: number of rounds and `curve_metric` on the test rows.
        importance: mean gain by feature.
        contributions: mean |SHAP| by feature.
    """

    label: str = "labels"
    pairs: Sequence[Point] = ()
    residuals: Histogram | None = None
    learning_curve: Sequence[Point] = ()
    curve_metric: str = "mse"
    is_of_classes: bool = False
    importance: Mapping[str, float] = field(default_factory=dict)
    contributions: Mapping[str, float] = field(default_factory=dict)


def read_evaluation(evaluation_uri: str, *, s3: Any) -> Evaluation | None:
    """Return the metrics under an S3 prefix; None where they cannot be read."""
    document = _read(evaluation_uri, "evaluation.json", s3=s3)
    candidate = _metrics(document)
    rows, production = document.get("rows"), document.get("production")
    if candidate is None or not isinstance(rows, int):
        return None
    groups = {
        name.removeprefix(_BY): _groups(_object(judged), _object(_object(production).get(name)))
        for name, judged in document.items()
        if name.startswith(_BY)
    }
    return Evaluation(
        rows,
        candidate,
        _metrics(_object(production)),
        groups,
        group_metric=_OF_GROUPS.get(_key(document), _OF_GROUPS_OF_CLASSES),
        weighted_by=_text_of(document.get("weighted_by")),
        has_class_weights=bool(document.get("class_weights")),
        classes=_classes(document),
    )


def _groups(judged: Mapping[str, Any], production: Mapping[str, Any]) -> Sequence[Group]:
    """Return the values of a category that can be told."""
    found = []
    for value, held in judged.items():
        candidate, rows = _group_metric(_object(held)), _object(held).get("rows")
        if candidate is not None and isinstance(rows, int):
            other = _group_metric(_object(production.get(value)))
            found.append(Group(value, rows, candidate, other))
    return found


def _group_metric(judged: Mapping[str, Any]) -> Metric | None:
    key = _key(judged)
    name = _OF_GROUPS.get(key, _OF_GROUPS_OF_CLASSES)
    return _metric(_object(_object(judged.get(key)).get(name)))


def _classes(document: Mapping[str, Any]) -> Classes:
    """Return the figures of the classes, each kind whole or not at all."""
    numbers = {name: _object(one) for name, one in _object(document.get("per_class")).items()}
    matrix = _object(_object(document.get(_key(document))).get("confusion_matrix"))
    lines = {name: _object(counts) for name, counts in matrix.items()}
    told = [one.get(key) for one in numbers.values() for key in _OF_CLASS]
    counts = [line.get(said) for line in lines.values() for said in lines]
    return Classes(
        numbers=numbers if all(map(_is_number, told)) else {},
        matrix=lines if all(isinstance(count, int) for count in counts) else {},
    )


def read_report(evaluation_uri: str, *, s3: Any) -> Report:
    """Return what can be drawn of the report under an S3 prefix."""
    document = _read(evaluation_uri, "report.json", s3=s3)
    curves = {
        name: _points(document.get("learning_curve"), "rounds", name) for name in _CURVE_METRICS
    }
    metric = next((name for name, points in curves.items() if points), Report.curve_metric)
    return Report(
        label=_label(document.get("label")),
        pairs=_points(document.get("predicted_against_actual"), "actual", "predicted"),
        residuals=_histogram(_object(document.get("residual_histogram"))),
        learning_curve=curves[metric],
        curve_metric=metric,
        is_of_classes="classes" in document,
        importance=_importance(_object(document.get("feature_importance"))),
        contributions=_importance(_object(_object(document.get("shap")).get("mean_absolute"))),
    )


def link_to(uri: str, *, s3: Any) -> str | None:
    """Return a link to an object that works for a quarter of an hour; None where no URI is known.

    Whoever approves has no AWS credentials at hand; what opens this page opens the report, too.
    """
    bucket_name, _, key = uri.removeprefix("s3://").partition("/")
    if not bucket_name or not key:
        return None
    place = {"Bucket": bucket_name, "Key": key}
    return str(s3.generate_presigned_url("get_object", Params=place, ExpiresIn=_LINK_SECONDS))


def _read(evaluation_uri: str, file_name: str, *, s3: Any) -> Mapping[str, Any]:
    match = _S3_PREFIX.fullmatch(evaluation_uri)
    if match is None:
        return {}
    key = f"{match['prefix']}/{file_name}"
    try:
        body = s3.get_object(Bucket=match["bucket_name"], Key=key)["Body"]
        return _object(json.loads(body.read(MAXIMUM_BYTES)))
    except (ClientError, BotoCoreError, ValueError, RecursionError):
        return {}


def _metrics(judged: Mapping[str, Any]) -> Mapping[str, Metric] | None:
    key = _key(judged)
    found, names = _object(judged.get(key)), METRICS[key]
    metrics = {name: _metric(_object(found.get(name))) for name in names}
    known = {name: metric for name, metric in metrics.items() if metric is not None}
    return known if len(known) == len(names) else None


def _key(judged: Mapping[str, Any]) -> str:
    """Return under which name metrics are held."""
    return next((key for key in METRICS if key in judged), "regression_metrics")


def _metric(metric: Mapping[str, Any]) -> Metric | None:
    value, standard_deviation = metric.get("value"), metric.get("standard_deviation")
    if not _is_number(value) or not _is_number(standard_deviation):
        return None
    told, deviation = float(value), float(standard_deviation)  # type: ignore[arg-type]
    return Metric(told, 0.0 if abs(deviation) < _NOISE * abs(told) else deviation)


def _label(found: Any) -> str:
    return _text_of(found) or Report.label


def _text_of(found: Any) -> str:
    return cut(one_line(found), _LABEL_MAXIMUM) if isinstance(found, str) else ""


def _points(found: Any, x_name: str, y_name: str) -> Sequence[Point]:
    """Return pairs of numbers, all or none."""
    listed = found[:_MAXIMUM_POINTS] if isinstance(found, list) else []
    rows = [_object(row) for row in listed]
    values = [(row.get(x_name), row.get(y_name)) for row in rows]
    if not all(_is_number(x) and _is_number(y) for x, y in values):
        return ()
    return [(float(x), float(y)) for x, y in values]  # type: ignore[arg-type]


def _histogram(found: Mapping[str, Any]) -> Histogram | None:
    edges, counts = found.get("edges"), found.get("counts")
    if not isinstance(edges, list) or not isinstance(counts, list):
        return None
    if not 0 < len(counts) <= _MAXIMUM_BARS or len(edges) != len(counts) + 1:
        return None
    if not all(map(_is_number, [*edges, *counts])) or min(counts) < 0 or not _ascend(edges):
        return None
    return Histogram(edges, counts)


def _importance(found: Mapping[str, Any]) -> Mapping[str, float]:
    if not all(_is_number(gain) and gain >= 0 for gain in found.values()):
        return {}
    return found if any(found.values()) else {}


def _ascend(values: Sequence[float]) -> bool:
    return all(before < after for before, after in itertools.pairwise(values))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= _LARGEST
