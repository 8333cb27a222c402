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
    layout = layout_of(record.graph, gone)
    if layout is None:
        return (
            "<p>The graph is left out: its layout needs fast-sugiyama, which is not installed.</p>"
        )
    outcomes = outcomes_of(record.states)
    edges = "".join(_edge(edge, points, gone) for edge, points in layout.edges)
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
    svg = drawing(drawn, layout.width, layout.height, role="group", is_sized=True)
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


def _edge(edge: Edge, points: Sequence[Point], gone: set[tuple[str, str]]) -> str:
    if edge.source == edge.target:
        return ""
    (x1, y1), *bends, (x2, y2) = points
    down = y2 >= y1
    start = (x1, y1 + (_BOX_HEIGHT / 2 if down else -_BOX_HEIGHT / 2))
    end = (x2, y2 - (_BOX_HEIGHT / 2 + 2 if down else -_BOX_HEIGHT / 2 - 2))
    kind = f"way {edge.kind}{' gone' if (edge.source, edge.target) in gone else ''}"
    label = _label(edge, start, bends[0] if bends else end)
    return f'<path class="{kind}" d="{_path([start, *bends, end])}"/>{label}'


def _path(points: Sequence[Point]) -> str:
    """Return a smooth way through all points, upright at each."""
    (x, y), *others = points
    told = f"M{x:g} {y:g}"
    for next_x, next_y in others:
        middle = (y + next_y) / 2
        told += f"C{x:g} {middle:g} {next_x:g} {middle:g} {next_x:g} {next_y:g}"
        x, y = next_x, next_y
    return told


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
