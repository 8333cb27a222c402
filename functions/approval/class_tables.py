"""What the approval page shows of the classes: the numbers of each, and which are confused."""

from collections.abc import Mapping
from html import escape
from typing import Final

from plain import printable
from report import Classes

_OF_CLASS: Final = ("precision", "recall", "f1")
_ROWS: Final = 20
_MATRIX_CLASSES: Final = 12  # More are a page of their own, which the report has.


def class_tables(classes: Classes) -> str:
    """Return both tables, each left out where the evaluation does not hold it."""
    return _numbers(classes.numbers) + _matrix(classes.matrix)


def _numbers(numbers: Mapping[str, Mapping[str, float]]) -> str:
    if not numbers:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{_text(name)}<span>{told["rows"]:g} rows</span></th>'
        + "".join(f'<td data-head="{_head(key)}">{told[key]:.4g}</td>' for key in _OF_CLASS)
        + "</tr>"
        for name, told in [*numbers.items()][:_ROWS]
    )
    heads = "".join(f'<th scope="col">{_head(key)}</th>' for key in _OF_CLASS)
    rest = len(numbers) - _ROWS
    more = f'<p class="soft">{rest} more classes are in the report.</p>' if rest > 0 else ""
    return (
        '<table class="cards after"><caption>The candidate by class</caption>'
        f'<thead><tr><th scope="col">Class</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}"
    )


def _matrix(matrix: Mapping[str, Mapping[str, int]]) -> str:
    if not matrix:
        return ""
    if len(matrix) > _MATRIX_CLASSES:
        return '<p class="soft after">The confusion matrix is in the report.</p>'
    heads = "".join(f'<th scope="col">{_text(name)}</th>' for name in matrix)
    rows = "".join(
        f'<tr><th scope="row">{_text(name)}</th>'
        + "".join(f"<td>{counts[said]}</td>" for said in matrix)
        + "</tr>"
        for name, counts in matrix.items()
    )
    # A region that scrolls must be reachable by keyboard.
    return (
        '<div class="wide after" role="region" tabindex="0" aria-label="Confusion matrix">'
        "<table><caption>Confusion matrix: rows by their class, columns by the predicted one"
        f'</caption><thead><tr><th scope="col">Class</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _head(metric: str) -> str:
    return metric.capitalize()


def _text(text: str) -> str:
    return escape(printable(text))
