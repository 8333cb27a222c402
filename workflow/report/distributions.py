"""Each column of the training rows, beside that of the run before: the model in production's.

An evaluation leaves baseline.json (jobs/baseline.py): statistics of each column, and how many rows
are in each of up to 64 bins. Here bins are joined, so that there are few enough to draw.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workflow.report.sources import Sources

_BASELINE: Final = "baseline.json"
_BASELINE_BYTES: Final = 8_000_000
_COLUMNS: Final = 200
_BINS: Final = 16
_STATISTICS: Final = ("rows", "minimum", "maximum", "mean", "standard_deviation")


def distributions_of(
    evaluation_uri: str | None, production: Mapping[str, Any], sources: Sources
) -> Mapping[str, Any] | None:
    """Return the columns with what is known of them now and before; None where nothing is.

    `rows`; `before`, the other model's name and its rows, null where there is none; `columns`, of
    which each has `name`, `kind` (number or category), `now` and `before`; and `more`, how many
    columns were left out.

    Args:
        evaluation_uri: S3 prefix of this execution's evaluation; None where there was none.
        production: functions/find_production_model's answer; empty where it gave none.
        sources: of the files.
    """
    uri = None if evaluation_uri is None else f"{evaluation_uri.rstrip('/')}/{_BASELINE}"
    now = _baseline(uri, sources)
    if now is None:
        return None
    found = _baseline(_uri_before(production), sources)
    earlier = {column["name"]: column for column in found["features"]} if found else {}
    columns = now["features"]
    return {
        "rows": now.get("rows"),
        "before": found and {"model_name": production.get("model_name"), "rows": found.get("rows")},
        "columns": [
            {
                "name": column["name"],
                "kind": column["kind"],
                "now": _joined(column),
                "before": _joined(_like(column, earlier.get(column["name"]))),
            }
            for column in columns[:_COLUMNS]
        ],
        "more": max(len(columns) - _COLUMNS, 0),
    }


def _uri_before(production: Mapping[str, Any]) -> str | None:
    """Return where the other model's baseline lies: beside the known answers of its evaluation."""
    inputs = production.get("inputs")
    for item in inputs if isinstance(inputs, list) else ():
        if item.get("InputName") == "production-answers":
            return f"{str(item['S3Input']['S3Uri']).rpartition('/')[0]}/{_BASELINE}"
    return None


def _baseline(uri: str | None, sources: Sources) -> Mapping[str, Any] | None:
    content = sources.read_start(uri, _BASELINE_BYTES) if uri else None
    try:
        found = json.loads(content) if content is not None else None
    except (ValueError, RecursionError):
        return None
    columns = found.get("features") if isinstance(found, Mapping) else None
    return found if isinstance(columns, list) and all(map(_is_column, columns)) else None


def _is_column(column: Any) -> bool:
    if not isinstance(column, Mapping) or not {"name", "kind", "rows", "counts"} <= {*column}:
        return False
    if column["kind"] != "number":
        return isinstance(column["counts"], Mapping)
    held = {*_STATISTICS, "edges"} <= {*column}
    return held and len(column["counts"]) == len(column["edges"]) + 1


def _like(column: Mapping[str, Any], other: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return other if other is not None and other["kind"] == column["kind"] else None


def _joined(column: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if column is None or column["kind"] != "number":
        return column and {"rows": column["rows"], "counts": column["counts"]}
    edges, counts = zip(*_bins(column["edges"], column["counts"]), strict=True)
    return {
        **{name: column[name] for name in _STATISTICS},
        # Of the last bin the upper edge is the maximum.
        "edges": edges[:-1],
        "counts": counts,
    }


def _bins(edges: Sequence[float], counts: Sequence[int]) -> Iterator[tuple[float, int]]:
    """Yield few bins by their upper edges, each of some of the many side by side."""
    together = -(-len(counts) // _BINS)
    for first in range(0, len(counts), together):
        upper = [*edges, float("inf")][first : first + together][-1]
        yield upper, sum(counts[first : first + together])
