"""The drawing of how a run grows with its data: seconds and MB by rows, all logarithmic, as SVG."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workflow.report.svg import Figure, Scale, curve, dots, drawing, line, words

_WIDTH: Final = 780
_HEIGHT: Final = 320
_PANELS: Final = ((60.0, 370.0), (440.0, 750.0))
_TOP: Final = 34.0
_BOTTOM: Final = 270.0
_COLORS: Final = ("#777777", "#0969da", "#bc4c00")
_STYLE: Final = (
    "text{font:11px sans-serif;fill:#444}.grid{stroke:#ddd}.axis{stroke:#777}"
    "polyline{fill:none;stroke-width:2}"
)

_PAPER: Final = f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>'


class Point(NamedTuple):
    """What a command took for so many rows, medians."""

    rows: int
    seconds: float
    peak_mb: float


def plot(lines: Mapping[str, Sequence[Point]], path: Path) -> None:
    """Draw a line a command into both panels, and write the file."""
    panels = (("seconds", "seconds"), ("peak memory, MB", "peak_mb"))
    body = "".join(
        _panel(lines, title, field, span)
        for (title, field), span in zip(panels, _PANELS, strict=True)
    )
    told = "; ".join(
        f"{name}: "
        + ", ".join(f"{p.rows:,} rows {p.seconds:.1f} s and {p.peak_mb:,.0f} MB" for p in line_of)
        for name, line_of in lines.items()
    )
    figure = Figure("growth", "Time and memory by rows", "", told, f"{_PAPER}{_key(lines)}{body}")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = drawing(figure, _WIDTH, _HEIGHT)
    path.write_text(
        text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + "\n",
        encoding="utf-8",
    )


def _panel(
    lines: Mapping[str, Sequence[Point]], title: str, field: str, span: tuple[float, float]
) -> str:
    start, end = span
    points = [point for line_of in lines.values() for point in line_of]
    x = _powers([point.rows for point in points], start, end)
    y = _powers([getattr(point, field) for point in points], _BOTTOM, _TOP)
    parts = [
        words(start, _TOP - 12, title, "start"),
        words(end, _BOTTOM + 36, "rows", "end"),
        line((start, _BOTTOM), (end, _BOTTOM), "axis"),
        *(words(x.at(power), _BOTTOM + 18, _rows(10**power), "middle") for power in x.ticks),
    ]
    for power in y.ticks:
        parts.append(line((start, y.at(power)), (end, y.at(power)), "grid"))
        parts.append(words(start - 6, y.at(power) + 4, f"{10**power:,g}", "end"))
    for line_of, color in zip(lines.values(), _COLORS, strict=False):
        places = [
            (x.at(math.log10(point.rows)), y.at(math.log10(getattr(point, field))))
            for point in line_of
        ]
        drawn = f"{curve(places)}{dots(places, 3)}"
        parts.append(f'<g stroke="{color}" fill="{color}">{drawn}</g>')
    return "".join(parts)


def _powers(values: Sequence[float], start: float, end: float) -> Scale:
    """Return a scale of logarithms that begins and ends at powers of ten."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    return Scale(low, high, start, end, range(low, high + 1))


def _rows(count: float) -> str:
    if count >= 1_000_000:
        return f"{count / 1_000_000:g} M"
    return f"{count / 1_000:g} k" if count >= 1_000 else f"{count:g}"


def _key(lines: Mapping[str, Sequence[Point]]) -> str:
    return "".join(
        f'<rect x="{60 + 120 * place}" y="{_HEIGHT - 12}" width="10" height="10" fill="{color}"/>'
        + words(74 + 120 * place, _HEIGHT - 3, name, "start")
        for place, (name, color) in enumerate(zip(lines, _COLORS, strict=False))
    )
