"""The features of a model with what each does to its predictions, all of them, by whole names."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from plain import one_line
from report import Report

_FIRST: Final = 12
_MOST: Final = 500


def features(report: Report) -> str:
    """Return a table of the features, the most important first; empty where none is known."""
    order = report.contributions or report.importance
    listed = sorted(order, key=lambda name: -order[name])
    if not listed:
        return ""
    first, rest, left_out = listed[:_FIRST], listed[_FIRST:_MOST], listed[_MOST:]
    note = (
        "Mean |SHAP|: how far a feature moves a prediction."
        if report.contributions
        else "The mean gain of the splits that use a feature."
    )
    more = f"{len(rest)} more features" + (f", and {len(left_out)} not shown" if left_out else "")
    folded = (
        f"<details><summary>{more}</summary>{_table(rest, order, 'Other features')}</details>"
        if rest
        else ""
    )
    return (
        f'<h3>Feature importance</h3><p class="soft">{note}</p>'
        f"{_table(first, order, 'Features')}{folded}"
    )


def _table(names: Iterable[str], values: Mapping[str, float], caption: str) -> str:
    largest = max(values.values()) or 1.0
    rows = "".join(
        f'<tr><th scope="row">{escape(one_line(name))}</th><td>{values[name]:.3g}</td>'
        f'<td><meter min="0" max="1" value="{values[name] / largest:.4f}"></meter></td></tr>'
        for name in names
    )
    return (
        f'<table class="features"><caption class="unseen">{caption}</caption>'
        '<thead class="unseen"><tr><th scope="col">Feature</th><th scope="col">Importance</th>'
        f'<th scope="col">Against the largest</th></tr></thead><tbody>{rows}</tbody></table>'
    )
