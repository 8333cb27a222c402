"""Each column's distribution, now and in the run before: a drawing, and the numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from workflow.report.markup import NONE, folded, number, table, text
from workflow.report.svg import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Figure,
    Point,
    axes,
    curve,
    figure,
    scale_of,
    words,
)

_DRAWN: Final = 12
_HEAD: Final = ("Column", "Mean", "Before", "Deviation", "Before", "Minimum", "Before")
_LAST_HEAD: Final = ("Maximum", "Before")
_SHOWN: Final = ("mean", "standard_deviation", "minimum", "maximum")


def distributions(found: Mapping[str, Any] | None) -> str:
    """Return the columns of the training rows; nothing where nothing is known of them."""
    if found is None:
        return ""
    columns = found["columns"]
    numbers = [column for column in columns if column["kind"] == "number"]
    others = [column for column in columns if column["kind"] != "number"]
    drawn = [figure(each) for each in _figures(numbers)]
    first, rest = "".join(drawn[:_DRAWN]), drawn[_DRAWN:]
    more = f"<p>{found['more']} more columns are not shown.</p>" if found["more"] else ""
    return "".join(
        [
            f"<h3>Columns of the {found['rows']} training rows</h3>",
            f'<p class="soft">{text(_compared(found["before"]))}</p>',
            table("Numbers", [*_HEAD, *_LAST_HEAD], map(_row, numbers), kind="figures")
            if numbers
            else "",
            *(_category(column) for column in others),
            f'<div class="plots">{first}</div>' if first else "",
            folded(f"{len(rest)} more columns", f'<div class="plots">{"".join(rest)}</div>')
            if rest
            else "",
            more,
        ]
    )


def _compared(before: Mapping[str, Any] | None) -> str:
    if before is None:
        return (
            "There is no run before to compare with: no model in production, or no baseline of it."
        )
    return f"Before: the {before['rows']} training rows of {before['model_name']}, in production."


def _row(column: Mapping[str, Any]) -> list[str]:
    now, before = column["now"], column["before"] or {}
    values = ((number(now[name], 5), number(before.get(name), 5)) for name in _SHOWN)
    return [text(column["name"]), *(value for pair in values for value in pair)]


def _category(column: Mapping[str, Any]) -> str:
    now, before = column["now"], column["before"]
    earlier = before["counts"] if before else {}
    rows = (
        [
            text(value),
            *_share(now["counts"].get(value, 0), now["rows"]),
            *(_share(earlier.get(value, 0), before["rows"]) if before else (NONE, NONE)),
        ]
        for value in {**now["counts"], **earlier}
    )
    head = (column["name"], "Rows", "Share", "Rows before", "Share before")
    return table(f"By {column['name']}", head, rows, kind="figures")


def _share(count: int, rows: int) -> tuple[str, str]:
    return str(count), f"{count / rows * 100:.1f} %" if rows else NONE


def _figures(columns: Iterable[Mapping[str, Any]]) -> Iterator[Figure]:
    for index, column in enumerate(columns):
        runs = {"now": column["now"], "before": column["before"]}
        steps = {name: _steps(run) for name, run in runs.items() if run}
        points = [point for held in steps.values() for point in held]
        x = scale_of([at for at, _ in points], LEFT, RIGHT)
        y = scale_of([0, *(share for _, share in points)], BOTTOM, TOP)
        lines = []
        for place, (name, held) in enumerate(steps.items()):
            lines.append(curve([(x.at(at), y.at(share)) for at, share in held], f"curve c{place}"))
            lines.append(words(RIGHT, TOP + 14 + 16 * place, name, "end", kind=f"key{place}"))
        yield Figure(
            f"column-{index}",
            str(column["name"]),
            "Share of the rows by unit; each run in bins of its own, of about as many rows.",
            "; ".join(_told(name, run) for name, run in runs.items() if run) + ".",
            axes(x, y, str(column["name"]), "share by unit") + "".join(lines),
        )


def _told(name: str, run: Mapping[str, Any]) -> str:
    return (
        f"{name}: from {run['minimum']:.4g} to {run['maximum']:.4g}, mean {run['mean']:.4g}, "
        f"standard deviation {run['standard_deviation']:.4g}"
    )


def _steps(run: Mapping[str, Any]) -> list[Point]:
    """Return the outline of a histogram: up at each bin's lower edge, along to its upper one."""
    points: list[Point] = []
    for low, high, count in _bars(run["minimum"], [*run["edges"], run["maximum"]], run["counts"]):
        share = count / max(run["rows"], 1) / (high - low)
        points += [(low, share), (high, share)]
    if not points:
        return [(run["minimum"], 1.0), (run["maximum"], 1.0)]
    return [(points[0][0], 0.0), *points, (points[-1][0], 0.0)]


def _bars(
    minimum: float, edges: Sequence[float], counts: Sequence[int]
) -> Iterator[tuple[float, float, int]]:
    """Yield bins that are wider than nothing; what lies in one that is not goes to the next."""
    low, held = minimum, 0
    for high, count in zip(edges, counts, strict=True):
        held += count
        if high > low:
            yield low, high, held
            low, held = high, 0
