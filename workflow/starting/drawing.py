"""A sample that may be published: rows drawn like a table's, none of which is one of its own.

A row begins as one of the table's, so that what hangs together stays so; then its numbers and dates
are shaken, some of its categories exchanged for other rows', and what tells rows apart left out.
"""

import csv
import io
import random
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from statistics import pstdev
from typing import Final

from workflow.starting.proposing import MISSING, Proposal
from workflow.starting.reading import Rows

ROWS: Final = 2_000
CELLS, LEAST_ROWS = 600_000, 500  # Of a wide table fewer rows are drawn.
SHAKEN: Final = 0.02  # Of a column's standard deviation, and of a date's range.
EXCHANGED: Final = 0.05  # Of the categories.
_FIRST_NUMBER: Final = re.compile(
    r"[+-]?[0-9](?:[0-9 ',]*[0-9])?\.?[0-9]*([eE][+-]?[0-9]+)?|[+-]?\.[0-9]+"
)
_ABSENT: Final = frozenset(marker.lower() for marker in MISSING)
_FORMAT: Final = re.compile(r"format='([^']*)'")
Draw = Callable[[str], str]


def draw_sample(rows: Rows, proposals: Sequence[Proposal], *, label: str, seed: int = 1) -> str:
    """Return a sample as CSV with the table's header.

    Args:
        rows: of the table.
        proposals: of its columns, in their order.
        label: is not shaken where it is a class.
        seed: of what is drawn.
    """
    drawn = random.Random(seed)  # noqa: S311 - no secret
    draws = [_draw(one, rows.column(at), drawn, label) for at, one in enumerate(proposals)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([proposal.header for proposal in proposals])
    for _ in range(min(ROWS, max(CELLS // len(proposals), LEAST_ROWS))):
        row = drawn.choice(rows.rows)
        writer.writerow([draw(cell) for draw, cell in zip(draws, row, strict=True)])
    return text.getvalue()


def _draw(proposal: Proposal, texts: Sequence[str], drawn: random.Random, label: str) -> Draw:
    present = [text for text in texts if text.lower() not in _ABSENT]
    if proposal.kind == "Ignored":
        return lambda _: ""
    if proposal.kind == "Number":
        return _shaken_number(present, drawn)
    if proposal.kind == "Date":
        return _shaken_date(proposal, drawn)
    if proposal.kind == "Hashed":
        places = {text: f"{proposal.name}-{at}" for at, text in enumerate(dict.fromkeys(present))}
        return lambda text: places.get(text, "")
    if proposal.name == label or proposal.kind == "Weight":
        return lambda text: text
    return lambda text: drawn.choice(present) if drawn.random() < EXCHANGED else text


def _shaken_number(present: Sequence[str], drawn: random.Random) -> Draw:
    values = [value for value in map(_value, present) if value is not None]
    spread = SHAKEN * pstdev(values) if values else 0.0
    low, high = min(values, default=0.0), max(values, default=0.0)

    def draw(text: str) -> str:
        found, value = _FIRST_NUMBER.search(text), _value(text)
        if found is None or value is None:
            return text
        shaken = min(max(value + drawn.gauss(0, spread), low), high)
        digits = len(found[0].partition(".")[2]) if "e" not in found[0].lower() else 6
        return text[: found.start()] + f"{shaken:.{digits}f}" + text[found.end() :]

    return draw


def _value(text: str) -> float | None:
    found = _FIRST_NUMBER.search(text)
    try:
        return float(re.sub("[ ',]", "", found[0])) if found else None
    except ValueError:
        return None


def _shaken_date(proposal: Proposal, drawn: random.Random) -> Draw:
    form = next((m[1] for one in proposal.arguments if (m := _FORMAT.fullmatch(one))), "")

    def draw(text: str) -> str:
        try:
            when = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007
        except ValueError:
            return text
        moved = when + timedelta(days=drawn.randint(-3, 3))
        if form:
            return moved.strftime(form)
        return moved.isoformat() if len(text) > len("2020-01-01") else moved.date().isoformat()

    return draw
