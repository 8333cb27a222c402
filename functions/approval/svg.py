"""Parts of a drawing as SVG: no script, no style of its own, nothing that is loaded.

The page's style sheet colours the classes, in light and in dark. A drawing is `WIDTH` by `HEIGHT`
units and scales with the page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

from scale import Scale

WIDTH: Final = 440
HEIGHT: Final = 320
RIGHT: Final = WIDTH - 14
TOP: Final = 14
BOTTOM: Final = HEIGHT - 46
LEFT: Final = 58

Point = tuple[float, float]


@dataclass(frozen=True)
class Figure:
    """A drawing with its words; `name` is unique in the page.

    Attributes:
        name: of the ids that join the drawing with its title and description.
        title: what is drawn.
        note: how to read it, a sentence.
        description: what it shows, in words, for those who do not see it.
        body: the SVG inside the frame.
    """

    name: str
    title: str
    note: str
    description: str
    body: str


def drawing(figure: Figure) -> str:
    """Return a figure's SVG, named and described for assistive technology."""
    title_id, description_id = f"{figure.name}-title", f"{figure.name}-description"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{title_id} {description_id}">'
        f'<title id="{title_id}">{escape(figure.title)}</title>'
        f'<desc id="{description_id}">{escape(figure.description)}</desc>'
        f"{figure.body}</svg>"
    )


def axes(x: Scale, y: Scale, *, x_label: str, y_label: str) -> str:
    """Return the grid with its numbers, and what the axes stand for."""
    middle_x, middle_y = (x.start + x.end) / 2, (y.start + y.end) / 2
    upright = f'transform="translate(14 {middle_y:g}) rotate(-90)" text-anchor="middle"'
    return "".join(
        [
            *(line((x.start, y.at(tick)), (x.end, y.at(tick)), "grid") for tick in y.ticks),
            line((x.start, y.start), (x.end, y.start), "axis"),
            *(text(x.at(tick), y.start + 18, number(tick), "middle") for tick in x.ticks),
            *(text(x.start - 8, y.at(tick) + 4, number(tick), "end") for tick in y.ticks),
            text(middle_x, HEIGHT - 6, x_label, "middle"),
            f"<text {upright}>{escape(y_label)}</text>",
        ]
    )


def line(start: Point, end: Point, kind: str) -> str:
    """Return a straight line of a class of the style sheet."""
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'


def text(x: float, y: float, words: str, anchor: str) -> str:
    """Return words that start at, end at or surround a place (start, end or middle)."""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def dots(points: Iterable[Point], radius: float) -> str:
    """Return a dot at each place."""
    circles = (f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}"/>' for x, y in points)
    return f'<g class="dots">{"".join(circles)}</g>'


def bar(x: float, y: float, width: float, height: float) -> str:
    """Return a bar by its upper left corner."""
    return f'<rect class="bar" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>'


def curve(points: Iterable[Point]) -> str:
    """Return a line through all places."""
    places = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polyline class="curve" points="{places}"/>'


def number(value: float) -> str:
    """Return a number as an axis shows it."""
    return f"{value:.10g}".replace("-", "\N{MINUS SIGN}")
