"""Figures of a model's errors, of numbers that were read and checked.

The report and the approval page read the evaluation each for itself, and draw the same.
"""

from collections.abc import Sequence
from typing import Final

from workflow.report.svg import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Figure,
    Point,
    axes,
    bar,
    curve,
    dots,
    line,
    scale_of,
    words,
)

DOT_RADIUS: Final = 2.4
# As far left as that, words before a point would leave the figure.
_EDGE: Final = LEFT + 40


def pairs_figure(pairs: Sequence[Point], label: str) -> Figure:
    """Draw a dot a row, and the line on which a prediction is exact.

    Args:
        pairs: actual and predicted label, at least one.
        label: what is predicted.
    """
    values = [value for pair in pairs for value in pair]
    x, y = scale_of(values, LEFT, RIGHT), scale_of(values, BOTTOM, TOP)
    low = sum(predicted < actual for actual, predicted in pairs)
    high = sum(predicted > actual for actual, predicted in pairs)
    return Figure(
        name="pairs",
        title=f"Predicted against actual {label}",
        note="A dot is a row that was not trained on; on the line, the prediction is exact.",
        description=f"{len(pairs)} rows; {low} predictions are too low, {high} too high.",
        body=axes(x, y, "actual", "predicted")
        + line((x.start, y.start), (x.end, y.end), "exact")
        + dots(((x.at(actual), y.at(predicted)) for actual, predicted in pairs), DOT_RADIUS),
    )


def residuals_figure(edges: Sequence[float], counts: Sequence[float], label: str) -> Figure:
    """Draw how many rows are how far from the truth.

    Args:
        edges: of the bins of actual - predicted, ascending, one more than counts.
        counts: rows in each bin, at least one bin.
        label: what is predicted, and so the unit of the edges.
    """
    x, y = scale_of(edges, LEFT, RIGHT), scale_of([0, *counts], BOTTOM, TOP)
    bars = "".join(
        bar(x.at(low), y.at(count), max(x.at(high) - x.at(low) - 1, 0.5), BOTTOM - y.at(count))
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
        if count
    )
    zero = line((x.at(0), TOP), (x.at(0), BOTTOM), "exact") if x.low <= 0 <= x.high else ""
    most = counts.index(max(counts))
    return Figure(
        name="residuals",
        title="Residuals",
        note="How many rows are how far off. Right of the line, the model predicts too little.",
        description=(
            f"{sum(counts):g} rows from {edges[0]:.3g} to {edges[-1]:.3g} {label}; most of them, "
            f"{counts[most]:g}, between {edges[most]:.3g} and {edges[most + 1]:.3g}."
        ),
        body=axes(x, y, f"actual \N{MINUS SIGN} predicted, {label}", "rows") + bars + zero,
    )


def learning_curve_figure(points: Sequence[Point], metric: str) -> Figure:
    """Draw a metric on the test rows by the number of rounds.

    Args:
        points: number of rounds and the metric, at least one.
        metric: its name.
    """
    (first_rounds, first), (last_rounds, last) = points[0], points[-1]
    x = scale_of([0, *(rounds for rounds, _ in points)], LEFT, RIGHT)
    y = scale_of([0, *(value for _, value in points)], BOTTOM, TOP)
    places = [(x.at(rounds), y.at(value)) for rounds, value in points]
    end_x, end_y = places[-1]
    return Figure(
        name="learning",
        title="Learning curve: test rows",
        note="The error on rows that were not trained on, as trees are added.",
        description=(
            f"{metric} {first:.4g} after {first_rounds:g} rounds, {last:.4g} after {last_rounds:g}."
        ),
        body=axes(x, y, "rounds", metric)
        + curve(places)
        + dots([places[-1]], DOT_RADIUS + 1)
        + words(end_x, end_y - 10, f"{last:.4g}", "end" if end_x > _EDGE else "start"),
    )
