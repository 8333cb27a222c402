"""What the page shows of a classification: tables of its classes, and the curves of two.

jobs/judging.py says what evaluation.json holds of it; what is missing or malformed is not shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workflow.report.markup import number, table, text
from workflow.report.svg import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Figure,
    Point,
    axes,
    curve,
    dots,
    line,
    scale_of,
)

REGRESSION_KEY: Final = "regression_metrics"
BINARY_KEY: Final = "binary_classification_metrics"
MULTICLASS_KEY: Final = "multiclass_classification_metrics"
_OF_CLASSES: Final = ("auc", "logloss", "accuracy", "f1", "precision", "recall")
# What is shown of all rows, and of those of a category: of both models, and of the candidate.
METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    REGRESSION_KEY: ("mse", "rmse", "mae", "r2"),
    BINARY_KEY: (*_OF_CLASSES, "average_precision"),
    MULTICLASS_KEY: (*_OF_CLASSES, "average_precision", "weighted_f1"),
}
OF_CATEGORIES: Final[Mapping[str, tuple[str, str]]] = {
    REGRESSION_KEY: ("mse", "mae"),
    BINARY_KEY: ("logloss", "accuracy"),
    MULTICLASS_KEY: ("logloss", "accuracy"),
}
_PER_CLASS: Final = ("precision", "recall", "f1", "auc")
_DOT: Final = 2.4


def metrics_key(evaluation: Mapping[str, Any]) -> str:
    """Return under which name an evaluation holds its metrics."""
    return next((key for key in METRICS if key in evaluation), REGRESSION_KEY)


def class_tables(evaluation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the confusion matrix, the threshold and the numbers of each class."""
    metrics = _object(evaluation.get(metrics_key(evaluation)))
    matrix = _object(metrics.get("confusion_matrix"))
    if matrix:
        rows = [
            [text(name), *(number(_object(counts).get(said)) for said in matrix)]
            for name, counts in matrix.items()
        ]
        head = ("Class", *(f"said to be {name}" for name in matrix))
        yield table("Confusion matrix: rows by their class", head, rows, kind="figures")
    threshold = _object(evaluation.get("threshold"))
    if threshold:
        classes = evaluation.get("classes") or [""]
        yield (
            f"<p>A row counts as {text(classes[-1])} from a probability of "
            f"{number(threshold.get('value'))} on: {text(threshold.get('rule'))}.</p>"
        )
    per_class = _object(evaluation.get("per_class"))
    if per_class:
        rows = [
            [
                text(name),
                number(_object(told).get("rows")),
                *(number(_object(told).get(metric)) for metric in _PER_CLASS),
            ]
            for name, told in per_class.items()
        ]
        yield table("By class", ("Class", "Rows", *_PER_CLASS), rows, kind="figures")


def class_figures(evaluation: Mapping[str, Any], plots: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield the curves of two classes."""
    metrics = _object(evaluation.get(BINARY_KEY))
    roc = _object(metrics.get("receiver_operating_characteristic_curve"))
    points = _pairs(roc.get("false_positive_rates"), roc.get("true_positive_rates"))
    if points:
        yield _figure(
            ("roc", "Receiver operating characteristic", "false positive rate"),
            "true positive rate",
            points,
            note="Each threshold's rates on the test rows; on the straight line, chance.",
            straight=True,
        )
    precision_recall = _object(metrics.get("precision_recall_curve"))
    points = _pairs(precision_recall.get("recalls"), precision_recall.get("precisions"))
    if points:
        yield _figure(
            ("precision-recall", "Precision and recall", "recall"),
            "precision",
            points,
            note="Of the rows above a threshold, how many are of the class; of the class, how many "
            "are above it.",
        )
    listed = plots.get("calibration")
    tenths = [_object(one) for one in listed] if isinstance(listed, list) else []
    points = _pairs([one.get("predicted") for one in tenths], [one.get("actual") for one in tenths])
    if points:
        yield _figure(
            ("calibration", "Calibration", "predicted probability"),
            "share that is of the class",
            points,
            note="By tenths of the probability; on the straight line, a probability is as often "
            "true as it says.",
            straight=True,
            dotted=True,
        )


def _figure(
    named: tuple[str, str, str],
    y_label: str,
    points: Sequence[Point],
    *,
    note: str,
    straight: bool = False,
    dotted: bool = False,
) -> Figure:
    name, title, x_label = named
    x, y = scale_of([0, 1], LEFT, RIGHT), scale_of([0, 1], BOTTOM, TOP)
    places = [(x.at(first), y.at(second)) for first, second in points]
    body = axes(x, y, x_label, y_label)
    body += line((x.at(0), y.at(0)), (x.at(1), y.at(1)), "exact") if straight else ""
    body += curve(places) + (dots(places, _DOT + 1) if dotted else "")
    middle = points[len(points) // 2]
    message = f"{len(points)} points; at {x_label} {middle[0]:.3g}, {y_label} {middle[1]:.3g}."
    return Figure(name, title, note, message, body)


def _pairs(first: Any, second: Any) -> list[Point]:
    """Return pairs of shares, all or none."""
    if not isinstance(first, list) or not isinstance(second, list) or len(first) != len(second):
        return []
    if not all(map(_is_share, [*first, *second])):
        return []
    return [(float(x), float(y)) for x, y in zip(first, second, strict=True)]


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
