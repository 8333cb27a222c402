"""The plots of a report: each a figure, or None where the report does not hold what it draws."""

from collections.abc import Callable, Mapping
from typing import Final

from report import Report
from svg import BOTTOM, LEFT, RIGHT, TOP, Figure, axes, bar, curve, dots, line, scale_of, words

_DOT_RADIUS: Final = 2.6


def predicted_against_actual(report: Report) -> Figure | None:
    """Draw a dot a row, and the line on which a prediction is exact."""
    pairs = report.pairs
    if not pairs:
        return None
    values = [value for pair in pairs for value in pair]
    x, y = scale_of(values, LEFT, RIGHT), scale_of(values, BOTTOM, TOP)
    too_low = sum(predicted < actual for actual, predicted in pairs)
    return Figure(
        name="pairs",
        title=f"Predicted against actual {report.label}",
        note="Each dot is a row that was not trained on. On the line, the prediction is exact.",
        description=(
            f"{len(pairs)} rows; {too_low} predictions are too low, and of the others "
            f"{sum(predicted > actual for actual, predicted in pairs)} are too high."
        ),
        body=axes(x, y, x_label="actual", y_label="predicted")
        + line((x.start, y.start), (x.end, y.end), "exact")
        + dots(((x.at(actual), y.at(predicted)) for actual, predicted in pairs), _DOT_RADIUS),
    )


def residuals(report: Report) -> Figure | None:
    """Draw how many rows are how far from the truth."""
    histogram = report.residuals
    if histogram is None:
        return None
    edges, counts = histogram.edges, histogram.counts
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
            f"{sum(counts):g} rows from {edges[0]:.3g} to {edges[-1]:.3g} {report.label}; most of "
            f"them, {counts[most]:g}, between {edges[most]:.3g} and {edges[most + 1]:.3g}."
        ),
        body=axes(x, y, x_label=f"actual \N{MINUS SIGN} predicted, {report.label}", y_label="rows")
        + bars
        + zero,
    )


def learning_curve(report: Report) -> Figure | None:
    """Draw the loss on the test rows by the number of rounds."""
    points = report.learning_curve
    if not points:
        return None
    (first_rounds, first_loss), (last_rounds, last_loss) = points[0], points[-1]
    x = scale_of([0, *(rounds for rounds, _ in points)], LEFT, RIGHT)
    y = scale_of([0, *(loss for _, loss in points)], BOTTOM, TOP)
    places = [(x.at(rounds), y.at(loss)) for rounds, loss in points]
    end_x, end_y = places[-1]
    return Figure(
        name="learning",
        title="Learning curve",
        note="The error on the rows that were not trained on, as trees are added.",
        description=(
            f"{report.curve_metric} {first_loss:.4g} after {first_rounds:g} rounds, "
            f"{last_loss:.4g} after {last_rounds:g}."
        ),
        body=axes(x, y, x_label="rounds", y_label=report.curve_metric)
        + curve(places)
        + dots([places[-1]], _DOT_RADIUS + 1)
        + words(end_x, end_y - 10, f"{last_loss:.4g}", "end" if end_x > LEFT + 40 else "start"),
    )


PLOTS: Final[Mapping[str, Callable[[Report], Figure | None]]] = {
    "predicted against actual": predicted_against_actual,
    "residuals": residuals,
    "learning curve": learning_curve,
}


_OF_ERRORS: Final = (predicted_against_actual, residuals)


def plots_of(report: Report) -> Mapping[str, Callable[[Report], Figure | None]]:
    """Return the plots of the report's kind of problem; a classification has no residuals."""
    if not report.is_of_classes:
        return PLOTS
    return {name: plot for name, plot in PLOTS.items() if plot not in _OF_ERRORS}
