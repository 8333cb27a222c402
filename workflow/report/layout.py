"""Where the states of a graph and the ways between them are drawn, by layers from top to bottom.

fast-sugiyama does the layering, the crossings and the bends. A Catch of everything that many
states share would hide the rest, so such a way is laid out only where nothing else leads to its
target. The layout follows from the definition alone: that of the committed one is kept beside this
module, for where the library is not, as in a function (`make definition` writes it, and a test
compares).
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from workflow.report.record import Edge, Graph

Point = tuple[float, float]

KEPT_PATH: Final = Path(__file__).with_name("layout.json")
_ALL_ERRORS: Final = "States.ALL"
_SPACING: Final = 100
_COLUMN: Final = 230.0
_ROW: Final = 96.0


@dataclass(frozen=True)
class Layout:
    """Centres of the states by name, the drawn edges with their points, and the size of it all."""

    centres: Mapping[str, Point]
    edges: Sequence[tuple[Edge, Sequence[Point]]]
    width: float
    height: float


def layout_of(graph: Graph) -> Layout | None:
    """Return the layout of a graph; None where it is not kept and fast-sugiyama not installed."""
    kept = _kept()
    if kept.get("graph") == _digest(graph):
        return Layout(
            {name: (x, y) for name, (x, y) in kept["centres"].items()},
            [(Edge(**edge), [(x, y) for x, y in points]) for edge, points in kept["edges"]],
            kept["width"],
            kept["height"],
        )
    try:
        return laid_out(graph)
    except ImportError:
        return None


def kept_text(graph: Graph) -> str:
    """Return what KEPT_PATH has to hold for a graph.

    Raises:
        ImportError: fast-sugiyama is not installed.
    """
    layout = laid_out(graph)
    edges = [[asdict(edge), points] for edge, points in layout.edges]
    lines = {"graph": _digest(graph), **vars(layout), "edges": edges}
    return "{" + ",\n".join(f'"{key}": {json.dumps(lines[key])}' for key in lines) + "}\n"


@cache
def _kept() -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(KEPT_PATH.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _digest(graph: Graph) -> int:
    told = json.dumps([[vars(node) for node in graph.nodes], [vars(edge) for edge in graph.edges]])
    return zlib.crc32(told.encode())


def laid_out(graph: Graph) -> Layout:
    """Return the layout of a graph by the library.

    Raises:
        ImportError: fast-sugiyama is not installed.
    """
    from fast_sugiyama import from_edges

    edges = list(_drawn(graph))
    numbers = {node.name: number for number, node in enumerate(graph.nodes)}
    # Numbers, since an order of texts would be another one in each process. What leads back is
    # drawn as a straight line: the library lays out graphs without loops only.
    ways = _leading_on(sorted({(numbers[edge.source], numbers[edge.target]) for edge in edges}))
    loose = [number for number in numbers.values() if not any(number in way for way in ways)]
    names = {number: name for name, number in numbers.items()}
    places: dict[int, Point] = {}
    bends: dict[tuple[int, int], list[int]] = {}
    right = 0.0
    parts = from_edges(ways, vertex_spacing=_SPACING) if ways else []
    for positions, width, height, routed in parts:
        places |= {int(key): (x + right, height - y) for key, (x, y) in positions}
        steps = [(int(source), int(target)) for source, target in routed or []]
        bends |= _bends(steps, numbers.values())
        right += width + _SPACING
    places |= {number: (right + _SPACING * at, 0.0) for at, number in enumerate(loose)}
    return _scaled(places, bends, edges, names)


def _leading_on(ways: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the ways without those that lead back, as seen from the first states on."""
    onward: dict[int, list[int]] = {}
    for source, target in ways:
        onward.setdefault(source, []).append(target)
    back: set[tuple[int, int]] = set()
    seen: set[int] = set()
    for first, leads_to in onward.items():
        if first in seen:
            continue
        # The states on the way, each with what is still to be looked at behind it.
        path = [(first, iter(leads_to))]
        above = {first}
        seen.add(first)
        while path:
            state, targets = path[-1]
            try:
                target = next(targets)
            except StopIteration:
                path.pop()
                above.discard(state)
                continue
            if target in above:
                back.add((state, target))
            elif target not in seen:
                seen.add(target)
                above.add(target)
                path.append((target, iter(onward.get(target, ()))))
    return [way for way in ways if way not in back]


def _scaled(
    places: Mapping[int, Point],
    bends: Mapping[tuple[int, int], list[int]],
    edges: Sequence[Edge],
    names: Mapping[int, str],
) -> Layout:
    """Place what is counted in steps of the library on the drawing, and begin it at its margin."""
    columns = sorted({x for x, _ in places.values()}) or [0.0]
    scale = _COLUMN / _SPACING

    def at(number: int) -> Point:
        x, y = places[number]
        return (
            round((x - columns[0]) * scale + _COLUMN / 2, 1),
            round(y / _SPACING * _ROW + _ROW / 2, 1),
        )

    numbers = {name: number for number, name in names.items()}
    drawn = []
    for edge in edges:
        way = numbers[edge.source], numbers[edge.target]
        drawn.append((edge, [at(way[0]), *map(at, bends.get(way, [])), at(way[1])]))
    centres = {name: at(number) for number, name in names.items() if number in places}
    xs, ys = zip(*map(at, places), strict=True) if places else ((0.0,), (0.0,))
    return Layout(centres, drawn, max(xs) + _COLUMN / 2, max(ys) + _ROW / 2)


def _bends(
    routed: Iterable[tuple[int, int]], states: Iterable[int]
) -> dict[tuple[int, int], list[int]]:
    """Return by edge the dummies that it leads through; each dummy has one edge on."""
    known = set(states)
    onward = {source: target for source, target in routed if source not in known}
    found: dict[tuple[int, int], list[int]] = {}
    for source, target in routed:
        if source in known and target not in known:
            through = [target]
            while onward[through[-1]] not in known:
                through.append(onward[through[-1]])
            found[source, onward[through[-1]]] = through
    return found


def _drawn(graph: Graph) -> Iterator[Edge]:
    known = {node.name for node in graph.nodes}
    edges = [edge for edge in graph.edges if edge.source in known and edge.target in known]
    plain = [edge for edge in edges if not _catches_all(edge)]
    reached = {edge.target for edge in plain if edge.source != edge.target}
    only = {edge.target: edge for edge in edges if edge.target not in reached}
    for edge in edges:
        if not _catches_all(edge) or only.get(edge.target) is edge:
            yield edge


def _catches_all(edge: Edge) -> bool:
    return edge.kind == "catch" and edge.label == _ALL_ERRORS
