"""Parts of drawings as SVG: no script, nothing that is loaded; the page's style colours them.

functions/approval has this file, too, by a link; so it imports the standard library alone.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 440
HEIGHT: Final = 300
LEFT: Final = 58.0
RIGHT: Final = WIDTH - 14.0
TOP: Final = 14.0
BOTTOM: Final = HEIGHT - 46.0
_TICKS: Final = 5
_STEPS: Final = (1, 2, 5, 10)

Point = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """Maps `low`..`high` to `start`..`end`, in the drawing's units, with round `ticks`."""

    low: float
    high: float
    start: float
    end: float
    ticks: Sequence[float]

    def at(self, value: float) -> float:
        """Return where a value lies."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def scale_of(values: Iterable[float], start: float, end: float) -> Scale:
    """Return a scale that holds all values (at least one) and begins and ends at round numbers."""
    listed = list(values)
    low, high = min(listed), max(listed)
    if high - low <= 1e-6 * max(abs(low), abs(high), 1e-6):
        margin = max(0.5, 1e-6 * abs(low))
        low, high = low - margin, high + margin
    wanted = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(power * factor for factor in _STEPS if power * factor >= wanted * (1 - 1e-9))
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = [index * step for index in range(first, last + 1)]
    return Scale(ticks[0], ticks[-1], start, end, ticks)


@dataclass(frozen=True)
class Figure:
    """A plot with its words.

    Attributes:
        name: unique in the page.
        note: how to read it.
        description: what it shows, for those who do not see it.
        body: the SVG inside the frame.
    """

    name: str
    title: str
    note: str
    description: str
    body: str


def figure(drawn: Figure) -> str:
    """Return a figure with its caption."""
    return (
        f"<figure><figcaption>{escape(drawn.title)}<span>{escape(drawn.note)}</span></figcaption>"
        f"{drawing(drawn)}</figure>"
    )


def drawing(
    drawn: Figure,
    width: float = WIDTH,
    height: float = HEIGHT,
    *,
    role: str = "img",
    is_sized: bool = False,
) -> str:
    """Return the SVG of a figure, named and described for assistive technology.

    Args:
        drawn: what it shows.
        width: in the drawing's units, with `height`.
        height: see there.
        role: of the whole; a "group" holds links.
        is_sized: whether it is no wider than its own width, else as wide as there is room.
    """
    title, description = f"{drawn.name}-svg-title", f"{drawn.name}-svg-description"
    size = f'width="{width:g}" ' if is_sized else ""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" {size}role="{role}" '
        f'aria-labelledby="{title} {description}">'
        f'<title id="{title}">{escape(drawn.title)}</title>'
        f'<desc id="{description}">{escape(drawn.description)}</desc>{drawn.body}</svg>'
    )


def axes(x: Scale, y: Scale, x_label: str, y_label: str) -> str:
    """Return the grid with its numbers, and what the axes stand for."""
    middle = (y.start + y.end) / 2
    upright = f'transform="translate(14 {middle:g}) rotate(-90)" text-anchor="middle"'
    return "".join(
        [
            *(line((x.start, y.at(tick)), (x.end, y.at(tick)), "grid") for tick in y.ticks),
            line((x.start, y.start), (x.end, y.start), "axis"),
            *(words(x.at(tick), y.start + 18, _number(tick), "middle") for tick in x.ticks),
            *(words(x.start - 8, y.at(tick) + 4, _number(tick), "end") for tick in y.ticks),
            words((x.start + x.end) / 2, HEIGHT - 6, x_label, "middle"),
            f"<text {upright}>{escape(y_label)}</text>",
        ]
    )


def _number(value: float) -> str:
    return f"{value:.10g}".replace("-", "\N{MINUS SIGN}")


def line(start: Point, end: Point, kind: str) -> str:
    """Return a straight line of a class."""
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'


def words(x: float, y: float, text: str, anchor: str, *, kind: str = "") -> str:
    """Return words that start at, end at or surround a place (start, end or middle)."""
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def dots(points: Iterable[Point], radius: float) -> str:
    """Return a dot at each place."""
    circles = (f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}"/>' for x, y in points)
    return f'<g class="dots">{"".join(circles)}</g>'


def bar(x: float, y: float, width: float, height: float, *, kind: str = "bar") -> str:
    """Return a bar by its upper left corner."""
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>'


def curve(points: Iterable[Point], kind: str = "curve") -> str:
    """Return a line through all places."""
    places = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline class="{kind}" points="{places}"/>'
