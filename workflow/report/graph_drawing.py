"""The state machine's graph as a drawing: a box a state, its outcome in colour and in words."""

import textwrap
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from workflow.report.layout import Layout, Point, layout_of
from workflow.report.outcomes import NOT_REACHED, StateOutcome, outcomes_of, ways_gone
from workflow.report.record import Edge, Node, Record
from workflow.report.svg import Figure, bar, drawing, words

_BOX_WIDTH: Final = 204.0
_BOX_HEIGHT: Final = 58.0
_NAME_CHARACTERS: Final = 26
_NAME_LINES: Final = 2
_LINE: Final = 15.0
# Of ways that lead around.
_MARGIN: Final = 40.0
_ARROW: Final = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>'
)
_LABELS: Final = ("choice", "default", "catch")
_KIND_WORDS: Final[Mapping[str, str]] = {"choice": "if so", "default": "otherwise"}
_LABEL_CHARACTERS: Final = 22


def graph_drawing(record: Record) -> str:
    """Return the graph in a region that scrolls; a sentence where it cannot be laid out."""
    gone = set(ways_gone(record.states))
    layout = layout_of(record.graph)
    if layout is None:
        return (
            "<p>The graph is left out: the layout of this definition is not kept, and "
            "fast-sugiyama, which makes it, is not installed here.</p>"
        )
    outcomes = outcomes_of(record.states)
    laid_out = {(edge.source, edge.target) for edge, _ in layout.edges}
    known = {(edge.source, edge.target) for edge in record.graph.edges if edge.kind == "catch"}
    around = sorted((gone & known) - laid_out)
    # The words over all lines.
    ways = [_edge(edge, points, gone) for edge, points in layout.edges]
    edges = (
        "".join(way for way, _ in ways)
        + "".join(label for _, label in ways)
        + "".join(
            _around(layout.centres[source], layout.centres[target], layout.width)
            for source, target in around
        )
    )
    boxes = "".join(_box(node, layout, outcomes.get(node.name)) for node in record.graph.nodes)
    reached = sum(node.name in outcomes for node in record.graph.nodes)
    drawn = Figure(
        "graph",
        "The state machine",
        "",
        f"{len(record.graph.nodes)} states, of which {reached} were reached. Each is a link to its "
        "details below, which tell the same.",
        _ARROW + edges + boxes,
    )
    width = layout.width + (_MARGIN if around else 0)
    svg = drawing(drawn, width, layout.height, role="group", is_sized=True)
    return (
        '<div class="scroll graph" role="region" tabindex="0" aria-label="The state machine">'
        f"{svg}</div>"
    )


def _box(node: Node, layout: Layout, outcome: StateOutcome | None) -> str:
    x, y = layout.centres[node.name]
    kind = outcome.kind if outcome else "not-reached"
    told = outcome.words if outcome else NOT_REACHED
    lines = _wrapped(node.name)
    first = y - _LINE * (len(lines) - 1) / 2 - 3
    names = "".join(
        words(x, first + _LINE * index, line, "middle", kind="name")
        for index, line in enumerate(lines)
    )
    inside = (
        bar(x - _BOX_WIDTH / 2, y - _BOX_HEIGHT / 2, _BOX_WIDTH, _BOX_HEIGHT, kind=f"box {kind}")
        + names
        + words(x, y + _BOX_HEIGHT / 2 - 7, told, "middle", kind="told")
    )
    title = f"<title>{escape(node.name)}: {escape(told)}</title>"
    if outcome is None:
        return f"<g>{title}{inside}</g>"
    return f'<a href="#state-{outcome.first}">{title}{inside}</a>'


def _edge(edge: Edge, points: Sequence[Point], gone: set[tuple[str, str]]) -> tuple[str, str]:
    """Return a line, and the words at it."""
    if edge.source == edge.target:
        return "", ""
    (x1, y1), *bends, (x2, y2) = points
    down = y2 >= y1
    start = (x1, y1 + (_BOX_HEIGHT / 2 if down else -_BOX_HEIGHT / 2))
    end = (x2, y2 - (_BOX_HEIGHT / 2 + 2 if down else -_BOX_HEIGHT / 2 - 2))
    kind = f"way {edge.kind}{' gone' if (edge.source, edge.target) in gone else ''}"
    label = _label(edge, start, bends[0] if bends else end)
    return f'<path class="{kind}" d="{_path([start, *bends, end])}"/>', label


def _around(source: Point, target: Point, width: float) -> str:
    """Return the way of a Catch that no layout has: along the right side, behind all boxes."""
    (x1, y1), (x2, y2) = source, target
    side = width + _MARGIN / 2
    return (
        f'<path class="way catch gone" d="M{x1 + _BOX_WIDTH / 2:g} {y1:g}C{side:g} {y1:g} '
        f"{side:g} {y1:g} {side:g} {(y1 + y2) / 2:g}S{side:g} {y2:g} "
        f'{x2 + _BOX_WIDTH / 2 + 2:g} {y2:g}"/>'
    )


def _path(points: Sequence[Point]) -> str:
    """Return a smooth way through all points, upright at each."""
    (x, y), *others = points
    text = f"M{x:g} {y:g}"
    for next_x, next_y in others:
        middle = (y + next_y) / 2
        text += f"C{x:g} {middle:g} {next_x:g} {middle:g} {next_x:g} {next_y:g}"
        x, y = next_x, next_y
    return text


def _label(edge: Edge, start: Point, after: Point) -> str:
    if edge.kind not in _LABELS:
        return ""
    told = _KIND_WORDS.get(edge.kind) or textwrap.shorten(
        f"on {edge.label}", _LABEL_CHARACTERS, placeholder="…"
    )
    x, y = (start[0] + after[0]) / 2, (start[1] + after[1]) / 2
    return words(x, y + 4, told, "middle", kind="label")


def _wrapped(name: str) -> list[str]:
    return textwrap.wrap(name, _NAME_CHARACTERS, max_lines=_NAME_LINES, placeholder="…") or [name]
