"""What a window of calls comes to, compared with the baseline: the content of report.json.

    {"schema": "monitor/1",
     "window": {"from": "2026-11-23T08:00:00Z", "until": "2026-11-23T09:00:00Z"},  or nulls
     "state": "compared", "too few rows" or "no calls",
     "note": one sentence,
     "limits": {"level": 0.001, "min_effect": 0.05, "min_rows": 30, "max_bad_share": 0.02},
     "traffic": {"captures": 900, "rows": 900, "elsewhen": 0, "misshapen": 0,
                 "unreadable": {"no JSON": 1}, "hours": {"2026-11-23T08": 900},
                 "endpoint": null, or what the endpoint itself counted:
                     {"from": ..., "until": ..., "invocations": 903, "client_errors": 2,
                      "server_errors": 1, "error_share": 0.0033 (null without calls),
                      "model_mean_ms": 1.2, "model_maximum_ms": 9.8, "overhead_mean_ms": 3.4}},
     "shape_problem": "", or a sentence about rows of another number of columns,
     "columns": [a column, ...], of the features and, last, of the predictions:
       {"name": "length", "kind": "number", "role": "feature" or "prediction",
        "rows": 900, "missing": 0, "wrong": 0, "outside": 0, "mean": 0.52,     of the window
        "baseline": {"rows": 2924, "mean": 0.52},
        "effect": 0.021, "p_value": 0.8, "adjusted_p_value": 0.9,
        "stability_index": 0.01, "jensen_shannon": 0.03,
        "edges": [...], "counts": [...], "baseline_counts": [...],    in about ten bins
        "bad": {"missing": 0.0, "wrong": 0.0, "outside": 0.001},      shares of the rows
        "problems": [], sentences about the bad that is too much
        "drifts": false},
     "drifted": names of the columns that drift or have problems, what moved most first,
     "moved_most": [{"name": ..., "effect": ..., "told": one sentence}, ...], three at most,
     "quality": null, or {"rows": 80, "calls": 80, "misfits": 0, "unreadable": 0,
                          "metrics": {"mae": ..., "mse": ..., "rmse": ..., "r2": ...},
                          "by": {"sex": {"F": {"rows": 30, "rmse": ...}, ...}},
                          "baseline": {"mae": ..., ...}}}

A category's column has `values` in place of `edges`, with "(unseen)" last, and `unseen` in place
of `outside`. The effect is the greatest difference of the distribution functions for numbers
(Kolmogorov-Smirnov) and the Jensen-Shannon distance for categories. A column drifts where the
difference is unlikely by chance (its p-value, adjusted over all columns, below the level) and not
small (its effect at least `min_effect`): in a million rows any difference is unlikely, and in
thirty a large one is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from captures import Calls, Expected
from column_counts import CategoryCounts, NumberCounts, Quality
from divergence import chi_squared, grouped, jensen_shannon, kolmogorov_distance, stability_index
from significance import adjusted, chi_squared_p, kolmogorov_p

SCHEMA = "monitor/1"
GROUPS = 10
MOVED_MOST = 3
# Fewer bad rows are told and not judged, however few there are in all.
MIN_BAD = 3
UNSEEN = "(unseen)"
COLUMNS = "number of columns"

NO_CALLS = "no calls"
TOO_FEW = "too few rows"
COMPARED = "compared"


@dataclass(frozen=True)
class Limits:
    """From where on a difference counts; docs/endpoint.md argues the defaults."""

    level: float = 0.001
    min_effect: float = 0.05
    min_rows: int = 30
    max_bad_share: float = 0.02


@dataclass(frozen=True)
class Beside:
    """What a report holds that is not of the captured calls.

    Attributes:
        unreadable_truths: lines of ground truth.
        endpoint_calls: what the endpoint counted, of functions/find_captures; None if not asked.
    """

    unreadable_truths: int = 0
    endpoint_calls: Mapping[str, Any] | None = None


def draw_window(
    calls: Calls, expected: Expected, limits: Limits, beside: Beside | None = None
) -> dict[str, Any]:
    """Return the content of report.json; see the module."""
    beside = beside or Beside()
    state = NO_CALLS if not calls.captures else COMPARED
    if calls.captures and calls.rows + calls.misshapen < limits.min_rows:
        state = TOO_FEW
    columns = [*compared_columns(calls, expected)]
    if state == COMPARED:
        judge(columns, limits)
    drifted = [one["name"] for one in by_effect(columns) if one["drifts"] or one["problems"]]
    shape = shape_problem(calls, limits) if state == COMPARED else ""
    return {
        "schema": SCHEMA,
        "window": {"from": expected.since or None, "until": expected.until or None},
        "state": state,
        "note": note(state, calls, drifted, limits),
        "limits": asdict(limits),
        "traffic": traffic(calls) | {"endpoint": endpoint_traffic(beside.endpoint_calls)},
        "columns": columns,
        "shape_problem": shape,
        "drifted": [*([COLUMNS] if shape else []), *drifted],
        "moved_most": moved_most(columns, calls, shape),
        "quality": quality(calls, expected, beside.unreadable_truths),
    }


def traffic(calls: Calls) -> dict[str, Any]:
    """Return how many calls there were, and when."""
    return {
        "captures": calls.captures,
        "rows": calls.rows,
        "elsewhen": calls.elsewhen,
        "misshapen": calls.misshapen,
        "unreadable": dict(sorted(calls.unreadable.items())),
        "hours": dict(sorted(calls.hours.items())),
    }


def endpoint_traffic(counted: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the endpoint counted, with the share of calls that failed."""
    if counted is None:
        return None
    failed = counted["client_errors"] + counted["server_errors"]
    invocations = counted["invocations"]
    return {**counted, "error_share": failed / invocations if invocations else None}


def compared_columns(calls: Calls, expected: Expected) -> list[dict[str, Any]]:
    """Return every column with its statistics, not judged yet."""
    columns = [
        number_column(counts, column, "feature")
        for counts, column in zip(calls.numbers, expected.numbers, strict=True)
    ]
    columns += [
        category_column(group, column)
        for group, column in zip(calls.categories, expected.categories, strict=True)
    ]
    columns.append(number_column(calls.predictions, expected.baseline["predictions"], "prediction"))
    p_values = adjusted([column["p_value"] for column in columns])
    for column, p_value in zip(columns, p_values, strict=True):
        column |= {"adjusted_p_value": p_value, "problems": [], "drifts": False}
    return columns


def number_column(counts: NumberCounts, column: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Compare a column of numbers."""
    before, now = [*column["counts"]], counts.counts
    effect = kolmogorov_distance(before, now)
    *groups, ends = grouped(before, now, GROUPS)
    rows = counts.rows
    return {
        "name": counts.name if role == "feature" else f"predicted {counts.name}",
        "kind": "number",
        "role": role,
        "rows": rows,
        "missing": counts.missing,
        "wrong": counts.wrong,
        "outside": counts.outside,
        "mean": counts.total / rows if rows else None,
        "minimum": counts.minimum if rows else None,
        "maximum": counts.maximum if rows else None,
        "baseline": {key: column[key] for key in ("rows", "missing", "mean", "minimum", "maximum")},
        "effect": effect,
        "p_value": kolmogorov_p(effect, rows, column["rows"]),
        "stability_index": stability_index(*groups) if rows else 0.0,
        "jensen_shannon": jensen_shannon(*groups),
        "edges": [column["edges"][end] for end in ends[:-1]],
        "counts": groups[1],
        "baseline_counts": groups[0],
        "bad": shares(counts, rows, outside=counts.outside),
    }


def category_column(counts: CategoryCounts, column: Mapping[str, Any]) -> dict[str, Any]:
    """Compare a category; what the encoding does not know counts as a value of its own."""
    before, now = [*column["counts"].values(), 0], [*counts.counts, counts.unseen]
    rows = counts.rows
    return {
        "name": counts.name,
        "kind": "category",
        "role": "feature",
        "rows": rows,
        "missing": counts.missing,
        "wrong": counts.wrong,
        "unseen": counts.unseen,
        "baseline": {key: column[key] for key in ("rows", "missing")},
        "effect": jensen_shannon(before, now),
        "p_value": chi_squared_p(*chi_squared(before, now)),
        "stability_index": stability_index(before, now) if rows else 0.0,
        "jensen_shannon": jensen_shannon(before, now),
        "values": [*counts.values, UNSEEN],
        "counts": now,
        "baseline_counts": before,
        "bad": shares(counts, rows, unseen=counts.unseen),
    }


def shares(counts: NumberCounts | CategoryCounts, rows: int, **more: int) -> dict[str, float]:
    """Return what share of the rows is bad, by how."""
    total = rows + counts.missing + counts.wrong
    bad = {"missing": counts.missing, "wrong": counts.wrong, **more}
    return {name: count / total if total else 0.0 for name, count in bad.items()}


_SAID = {
    "missing": "lack a value",
    "wrong": "hold something else",
    "outside": "are outside of what the model was trained on",
    "unseen": "have a value that the model was not trained on",
}


def judge(columns: Sequence[dict[str, Any]], limits: Limits) -> None:
    """Say of every column whether it drifts, and what is wrong with it."""
    for column in columns:
        column["drifts"] = (
            column["adjusted_p_value"] < limits.level and column["effect"] >= limits.min_effect
        )
        baseline = column["baseline"]
        usual = baseline["missing"] / max(baseline["rows"] + baseline["missing"], 1)
        for name, share in column["bad"].items():
            excess = share - usual if name == "missing" else share
            if column[name] >= MIN_BAD and excess > limits.max_bad_share:
                column["problems"].append(f"{percent(share)} of the rows {_SAID[name]}")


def shape_problem(calls: Calls, limits: Limits) -> str:
    """Say that too many rows have another number of columns than the model, if they have."""
    share = calls.misshapen / max(calls.rows + calls.misshapen, 1)
    if calls.misshapen < MIN_BAD or share <= limits.max_bad_share:
        return ""
    return f"{percent(share)} of the rows have another number of columns than the model"


def by_effect(columns: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sort columns, what moved most first."""
    return sorted(columns, key=lambda column: (-column["effect"], column["name"]))


def moved_most(columns: Sequence[dict[str, Any]], calls: Calls, shape: str) -> list[dict[str, Any]]:
    """Return the columns that moved most, in a sentence each."""
    items = [{"name": COLUMNS, "effect": 1.0, "told": f"{COLUMNS}: {shape}"}] if shape else []
    if calls.captures:
        items += [
            {"name": column["name"], "effect": column["effect"], "told": sentence(column)}
            for column in by_effect(columns)
            if column["rows"]
        ]
    return items[:MOVED_MOST]


def sentence(column: Mapping[str, Any]) -> str:
    """Say in words how a column moved."""
    moved = f"effect {column['effect']:.2f}"
    if column["kind"] == "number":
        before, now = column["baseline"]["mean"], column["mean"]
        moved = f"mean {before:.4g} before, {now:.4g} now ({moved})"
    else:
        total, now_total = sum(column["baseline_counts"]), sum(column["counts"])
        pairs = zip(column["values"], column["baseline_counts"], column["counts"], strict=True)
        parts = [
            f"{value} {percent(before / total)} before, {percent(now / now_total)} now"
            for value, before, now in pairs
            if before or now
        ]
        moved = f"{'; '.join(parts[:5])} ({moved})"
    return "; ".join([f"{column['name']}: {moved}", *column["problems"]])


def quality(calls: Calls, expected: Expected, unreadable_truths: int) -> dict[str, Any] | None:
    """Return the errors against the ground truth; None where none was put."""
    if not expected.truth and not unreadable_truths:
        return None
    found: Quality = calls.quality
    baseline = expected.baseline.get("quality") or {}
    return {
        "rows": found.whole.rows,
        "calls": calls.truths,
        "misfits": calls.misfits,
        "unreadable": unreadable_truths,
        "metrics": found.whole.metrics() if found.whole.rows else {},
        "by": {
            name: {value: {"rows": one.rows, **one.metrics()} for value, one in sorted(of.items())}
            for name, of in sorted(found.by_category.items())
        },
        "baseline": {
            name: metric["value"]
            for name, metric in (baseline.get("regression_metrics") or {}).items()
        },
    }


def note(state: str, calls: Calls, drifted: Sequence[str], limits: Limits) -> str:
    """Say in one sentence what became of the window."""
    if state == NO_CALLS:
        return "There were no calls in this window, so nothing was compared."
    if state == TOO_FEW:
        return (
            f"There were {calls.rows} rows in this window; fewer than {limits.min_rows} are not "
            "judged."
        )
    if drifted:
        columns = "1 column" if len(drifted) == 1 else f"{len(drifted)} columns"
        return f"Of {calls.rows} rows, {columns} moved: {', '.join(drifted[:9])}."
    return f"Of {calls.rows} rows, no column moved."


def percent(share: float) -> str:
    """Write a share in percent."""
    return f"{100 * share:.3g} %"
