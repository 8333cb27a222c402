"""A sample that may be published: rows drawn like a table's, none of which is one of its own.

A row begins as one of the table's, so that what hangs together stays so; then its numbers and dates
are shaken, some of its categories exchanged for other rows', and what tells rows apart left out.
"""

import contextlib
import csv
import io
import random
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import fsum, sqrt
from typing import Final, NamedTuple

from workflow.starting.proposing import MISSING, Proposal
from workflow.starting.reading import Rows

ROWS: Final = 2_000
CELLS, LEAST_ROWS = 600_000, 500  # Of a wide table fewer rows are drawn.
SHAKEN: Final = 0.02  # Of a column's standard deviation, and of a date's range.
EXCHANGED: Final = 0.05  # Of the categories.
_FIRST_NUMBER: Final = re.compile(
    r"[+-]?[0-9](?:[0-9 ',]*[0-9])?\.?[0-9]*([eE][+-]?[0-9]+)?|[+-]?\.[0-9]+"
)
_FIRSTS: Final = frozenset("+-.0123456789")
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
    count = min(ROWS, max(CELLS // len(proposals), LEAST_ROWS))
    every = range(len(rows.rows))
    # Where only a part of the file was read, the quick model is measured on the sample alone: a
    # row that was drawn twice would be trained on and tested with, and make it seem too good.
    is_part = rows.count > len(every)
    chosen = (
        drawn.sample(every, min(count, len(every))) if is_part else drawn.choices(every, k=count)
    )
    # Column by column: of a wide table a row's cells lie far from each other.
    columns = []
    for at, proposal in enumerate(proposals):
        texts = rows.column(at)
        draw = _draw(proposal, texts, drawn, label)
        columns.append([draw(texts[row]) for row in chosen])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([proposal.header for proposal in proposals])
    writer.writerows(zip(*columns, strict=True))
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


class _NumberIn(NamedTuple):
    """A text with a number in it: what stands before and behind it, and its decimals."""

    value: float
    before: str
    behind: str
    digits: int


def _shaken_number(present: Sequence[str], drawn: random.Random) -> Draw:
    # A row is drawn more than once, and a value stands in more than one row.
    read = {text: _number_in(text) for text in dict.fromkeys(present)}
    values = [number.value for text in present if (number := read[text]) is not None]
    spread = SHAKEN * _deviation(values)
    low, high = min(values, default=0.0), max(values, default=0.0)

    def draw(text: str) -> str:
        number = read.get(text)
        if number is None:
            return text
        shaken = min(max(number.value + drawn.gauss(0, spread), low), high)
        return f"{number.before}{shaken:.{number.digits}f}{number.behind}"

    return draw


def _deviation(values: Sequence[float]) -> float:
    """Return the standard deviation; `statistics` computes with fractions, which takes longer."""
    if not values:
        return 0.0
    mean = fsum(values) / len(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / len(values))


def _number_in(text: str) -> _NumberIn | None:
    # Most are nothing but a number, which takes no pattern to see.
    if text[:1] in _FIRSTS and text[-1:].isdigit() and "_" not in text:
        with contextlib.suppress(ValueError):
            return _NumberIn(float(text), "", "", _digits(text))
    found = _FIRST_NUMBER.search(text)
    if found is None:
        return None
    number = found[0]
    try:
        value = float(re.sub("[ ',]", "", number))
    except ValueError:
        return None
    return _NumberIn(value, text[: found.start()], text[found.end() :], _digits(number))


def _digits(number: str) -> int:
    return 6 if "e" in number or "E" in number else len(number.partition(".")[2])


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
