"""The plots of a report: each a figure, or None where the report does not hold what it draws."""

from collections.abc import Callable, Mapping
from typing import Final

from report import Report

from workflow.report.figures import learning_curve_figure, pairs_figure, residuals_figure
from workflow.report.svg import Figure


def predicted_against_actual(report: Report) -> Figure | None:
    """Draw a dot a row, and the line on which a prediction is exact."""
    return pairs_figure(report.pairs, report.label) if report.pairs else None


def residuals(report: Report) -> Figure | None:
    """Draw how many rows are how far from the truth."""
    held = report.residuals
    return None if held is None else residuals_figure(held.edges, held.counts, report.label)


def learning_curve(report: Report) -> Figure | None:
    """Draw the loss on the test rows by the number of rounds."""
    points = report.learning_curve
    return learning_curve_figure(points, report.curve_metric) if points else None


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
