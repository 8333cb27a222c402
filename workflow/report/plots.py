"""The plots of a model, from the evaluation's report.json and the training job's log.

jobs/evaluate.py says what report.json holds; what is missing or malformed is not drawn.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workflow.report.classes import class_figures
from workflow.report.figures import learning_curve_figure, pairs_figure, residuals_figure
from workflow.report.record import JobRun, Record
from workflow.report.svg import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Figure,
    Point,
    axes,
    curve,
    scale_of,
    words,
)

# A line of built-in XGBoost's log, such as `[3]#011train-rmse:2.5#011validation-rmse:2.75`.
_ROUND: Final = re.compile(r"\[(\d+)\](?:#011|\s+)(\S.*)")
_VALUE: Final = re.compile(r"(\w+)-([\w@.]+):([-+.\deE]+)")
_LINE: Final = 15.0
_CURVE_METRICS: Final = ("mse", "logloss")


def figures_of(record: Record) -> Iterator[Figure]:
    """Yield the plots that can be drawn."""
    found = record.plots or {}
    label = str(found.get("label", "labels"))
    drawn = (
        _pairs(found, label),
        _residuals(found, label),
        *class_figures(record.evaluation or {}, found),
        _rounds(record.jobs),
        _test_curve(found),
    )
    yield from (figure for figure in drawn if figure is not None)


@dataclass(frozen=True)
class Importance:
    """What each feature does, by its name; empty where the evaluation tells nothing of it.

    Attributes:
        gain: mean gain of the splits that use it.
        shap: mean |SHAP| of `shap_rows` test rows.
    """

    gain: Mapping[str, float]
    shap: Mapping[str, float]
    shap_rows: int

    @property
    def features(self) -> list[str]:
        """The features, what moves predictions most first."""
        order = self.shap or self.gain
        return sorted({**order, **self.gain}, key=lambda name: -order.get(name, 0.0))


def importance_of(record: Record) -> Importance:
    """Return the features' importance, as report.json has it."""
    found = record.plots or {}
    shap = found.get("shap")
    fields = shap if isinstance(shap, Mapping) else {}
    return Importance(
        gain=_values(found.get("feature_importance")),
        shap=_values(fields.get("mean_absolute")),
        shap_rows=int(fields.get("rows", 0)),
    )


def _values(found: Any) -> dict[str, float]:
    pairs = found.items() if isinstance(found, Mapping) else ()
    return {str(name): float(value) for name, value in pairs if _is_number(value)}


def training_rounds(jobs: Iterable[JobRun]) -> dict[str, list[Point]]:
    """Return a metric by round for each channel, as far as the training job's last lines tell."""
    series: dict[str, list[Point]] = {}
    for job in jobs:
        for log_line in job.log_lines if job.kind == "training" else ():
            match = _ROUND.search(log_line)
            if match is not None:
                for channel, metric, value in _VALUE.findall(match[2]):
                    point = float(match[1]), float(value)
                    series.setdefault(f"{channel} {metric}", []).append(point)
    return series


def _pairs(found: Mapping[str, Any], label: str) -> Figure | None:
    points = _points(found.get("predicted_against_actual"), "actual", "predicted")
    return pairs_figure(points, label) if points else None


def _residuals(found: Mapping[str, Any], label: str) -> Figure | None:
    histogram = found.get("residual_histogram")
    held = histogram if isinstance(histogram, Mapping) else {}
    edges, counts = _numbers(held.get("edges")), _numbers(held.get("counts"))
    if not counts or len(edges) != len(counts) + 1:
        return None
    return residuals_figure(edges, counts, label)


def _rounds(jobs: Sequence[JobRun]) -> Figure | None:
    series = training_rounds(jobs)
    points = [point for held in series.values() for point in held]
    if not points:
        return None
    x = scale_of([round_number for round_number, _ in points], LEFT, RIGHT)
    y = scale_of([value for _, value in points], BOTTOM, TOP)
    drawn, named, told = [], [], []
    # The lowest line first, so that no line's words lie on another's.
    room = BOTTOM
    for name, held in sorted(series.items(), key=lambda item: item[1][-1][1]):
        kind = list(series).index(name) % 2
        places = [(x.at(round_number), y.at(value)) for round_number, value in held]
        at = min(places[-1][1] - 8, room)
        room = at - _LINE
        drawn.append(curve(places, f"curve c{kind}"))
        named.append(words(places[-1][0], at, name, "end", kind=f"label key{kind}"))
        told.append(f"{name} from {held[0][1]:.4g} to {held[-1][1]:.4g}")
    return Figure(
        "rounds",
        "Learning curve: train and validation",
        "The training job's own metric after each round, as its log tells.",
        f"Rounds {points[0][0]:g} to {points[-1][0]:g}: {'; '.join(told)}.",
        axes(x, y, "round", "metric") + "".join([*drawn, *named]),
    )


def _test_curve(found: Mapping[str, Any]) -> Figure | None:
    curves = {
        metric: _points(found.get("learning_curve"), "rounds", metric) for metric in _CURVE_METRICS
    }
    metric, points = next(((m, held) for m, held in curves.items() if held), ("", []))
    return learning_curve_figure(points, metric) if points else None


def _points(found: Any, x_name: str, y_name: str) -> list[Point]:
    rows = found if isinstance(found, list) else []
    held = [row for row in rows if isinstance(row, Mapping)]
    return [
        (float(row[x_name]), float(row[y_name]))
        for row in held
        if _is_number(row.get(x_name)) and _is_number(row.get(y_name))
    ]


def _numbers(found: Any) -> list[float]:
    listed = found if isinstance(found, list) else []
    return [float(value) for value in listed if _is_number(value)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
