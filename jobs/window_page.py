"""The page of a window: what moved, both distributions side by side, the trend, the traffic.

It stands alone: no script, nothing that is loaded, colours for light and dark screens. All that a
caller has sent is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from window_report import by_effect, percent

_WIDTH, _HEIGHT = 420, 150
_LEFT, _BASE = 8, 112
# What is wider than a small screen is scrolled, by keyboard, too.
_WIDE = '<div class="wide" tabindex="0" role="region" aria-label="table">'
_STYLE = """
:root{color-scheme:light dark;--paper:#f6f5f2;--card:#fff;--ink:#1d2127;--soft:#59616b;
--rule:#dfddd7;--was:#9aa4b0;--now:#2563a8;--bad:#a8321f;--good:#1c6b43}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--card:#1c2026;--ink:#e7e9ec;
--soft:#a3abb5;--rule:#343a43;--was:#6b7480;--now:#7db3ee;--bad:#f28b78;--good:#6fcf9c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;
overflow-wrap:anywhere}
main{max-width:66rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.7rem;margin:.2rem 0}
h2{font-size:1.15rem;margin:0 0 .75rem}h3{font-size:1rem;margin:0}
.soft{color:var(--soft);font-size:.9rem}.bad{color:var(--bad)}.good{color:var(--good)}
.lead{font-size:1.15rem}
section{background:var(--card);border:1px solid var(--rule);border-radius:.75rem;
padding:1.25rem 1.5rem;margin-top:1.25rem}
.figures{display:grid;gap:1.5rem 2rem;
grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr))}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.4rem .6rem;text-align:right;border-top:1px solid var(--rule)}
th:first-child,td:first-child{text-align:left;padding-left:0}
td{white-space:nowrap}td[colspan]{white-space:normal}thead th{overflow-wrap:normal}
tbody th{min-width:6rem}
thead th{border-top:0;color:var(--soft);font-weight:500;font-size:.9rem}
.wide{overflow-x:auto}svg{width:100%;height:auto;display:block}
svg text{fill:var(--soft);font-size:13px}
.was{fill:var(--was)}.now{fill:var(--now)}.moved{fill:var(--bad)}
.key i{display:inline-block;width:.8em;height:.8em;margin-right:.3em;vertical-align:-.05em}
"""


def draw_page(
    report: Mapping[str, Any], history: Sequence[Mapping[str, Any]], *, title: str
) -> str:
    """Return the page as HTML.

    Args:
        report: the content of report.json.
        history: of the windows up to this one, the newest last.
        title: what is watched, such as an endpoint's name.
    """
    window = report["window"]
    when = f"{window['from']} to {window['until']}" if window["from"] else "all captured calls"
    moved = bool(report["drifted"])
    parts = [
        f'<p class="soft">{escape(when)}</p><h1>{escape(title)}</h1>',
        f'<p class="lead {"bad" if moved else "good"}">{escape(report["note"])}</p>',
        section("What moved most", moved_list(report)),
        section("Before and now", figures(report["columns"])),
        section("The last windows", trend(history, report["limits"]["min_effect"])),
        section("Columns", column_table(report["columns"])),
        section("Against the ground truth", quality_table(report["quality"])),
        section("Traffic", traffic_table(report["traffic"])),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}, {escape(when)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def section(heading: str, body: str) -> str:
    """Return a part of the page; nothing where it has nothing to say."""
    return f"<section><h2>{escape(heading)}</h2>{body}</section>" if body else ""


def moved_list(report: Mapping[str, Any]) -> str:
    """List the sentences about what moved most."""
    items = "".join(f"<li>{escape(one['told'])}</li>" for one in report["moved_most"])
    return f"<ol>{items}</ol>" if items else ""


def figures(columns: Sequence[Mapping[str, Any]]) -> str:
    """Draw both distributions of every column, what moved most first."""
    drawn = [figure(column) for column in by_effect(columns) if column["rows"]]
    if not drawn:
        return ""
    key = (
        '<p class="soft key"><i style="background:var(--was)"></i>baseline '
        '<i style="background:var(--now)"></i>this window (red where it moved). A column of '
        "numbers is divided into about tenths of the baseline, with some of their upper ends "
        "below.</p>"
    )
    return f'{key}<div class="figures">{"".join(drawn)}</div>'


def figure(column: Mapping[str, Any]) -> str:
    """Draw the two distributions of a column side by side."""
    before, now = shares_of(column["baseline_counts"]), shares_of(column["counts"])
    top = max([*before, *now])
    step = (_WIDTH - 2 * _LEFT) / len(before)
    kind = "moved" if column["drifts"] or column["problems"] else "now"
    bars, labels = [], [*labels_of(column)]
    for index, (was, share) in enumerate(zip(before, now, strict=True)):
        x = _LEFT + index * step
        bars.append(bar(x + step * 0.08, was / top, step * 0.4, "was"))
        bars.append(bar(x + step * 0.5, share / top, step * 0.4, kind))
        # At most six find room beside each other.
        if len(labels) <= 6 or (len(labels) - index) % 2:  # noqa: PLR2004
            bars.append(
                f'<text x="{x + step / 2:.1f}" y="{_BASE + 16}" text-anchor="middle">'
                f"{escape(labels[index].removeprefix('≤'))}</text>"
            )
    text = "; ".join(
        f"{label} {percent(was)} before, {percent(share)} now"
        for label, was, share in zip(labels, before, now, strict=True)
    )
    return (
        f"<div><h3>{escape(column['name'])}</h3>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT - 18}" role="img" aria-label="{escape(text)}">'
        f"{''.join(bars)}</svg>"
        f'<p class="soft">effect {column["effect"]:.3f}, adjusted p '
        f"{column['adjusted_p_value']:.2g}</p></div>"
    )


def labels_of(column: Mapping[str, Any]) -> Iterable[str]:
    """Return what stands under each pair of bars."""
    if column["kind"] == "category":
        return [str(value)[:12] for value in column["values"]]
    edges = [f"{edge:.3g}" for edge in column["edges"]]
    return [*(f"≤{edge}" for edge in edges), f">{edges[-1]}" if edges else "all"]


def bar(x: float, share: float, width: float, kind: str) -> str:
    """Return a bar that is a share of the greatest height."""
    height = (_BASE - 8) * share
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{_BASE - height:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}"/>'
    )


def shares_of(counts: Sequence[int]) -> list[float]:
    """Return each count's share; of nothing, zeros."""
    total = sum(counts)
    return [count / total if total else 0.0 for count in counts]


def trend(history: Sequence[Mapping[str, Any]], bound: float) -> str:
    """Draw, by column, the effect in the last windows as a row of bars."""
    names = sorted({name for window in history for name in window["effects"]})
    if not names:
        return ""
    rows = []
    for name in names:
        values = [window["effects"].get(name) for window in history]
        moved = [name in window.get("drifted", ()) for window in history]
        known = [value for value in values if value is not None]
        newest = f"{known[-1]:.3f}" if values[-1] is not None else "none"
        rows.append(table_row(name, [spark(values, moved, bound), newest]))
    head = "<thead><tr><th>column</th><th>effect, oldest window first</th><th>now</th></tr>"
    return f"{_WIDE}<table>{head}</thead><tbody>{''.join(rows)}</tbody></table></div>"


def spark(values: Sequence[float | None], moved: Sequence[bool], bound: float) -> str:
    """Draw a bar a window, red where the column moved; a window without calls is a gap."""
    top = max([bound * 2, *(value for value in values if value is not None)])
    bars = "".join(
        f'<rect class="{"moved" if has_moved else "was"}" x="{index * 5}" '
        f'y="{24 - 24 * value / top:.1f}" width="4" height="{24 * value / top:.1f}"/>'
        for index, (value, has_moved) in enumerate(zip(values, moved, strict=True))
        if value is not None
    )
    width = max(5 * len(values), 40)
    return (
        f'<svg viewBox="0 0 {width} 24" style="width:{width}px;margin-left:auto" role="img" '
        f'aria-label="effects of the last windows">{bars}</svg>'
    )


def column_table(columns: Sequence[Mapping[str, Any]]) -> str:
    """Return a row a column with the numbers that decide."""
    rows = []
    for column in columns:
        bad = column["missing"] + column["wrong"] + column.get("outside", column.get("unseen", 0))
        state = "moved" if column["drifts"] or column["problems"] else "as before"
        cells = [
            f"{column['rows']:,}",
            f"{column['effect']:.3f}",
            f"{column['adjusted_p_value']:.2g}",
            f"{column['stability_index']:.3f}",
            f"{column['jensen_shannon']:.3f}",
            f"{bad:,}",
            f'<span class="{"bad" if state == "moved" else "good"}">{state}</span>',
        ]
        rows.append(table_row(column["name"], cells))
        rows += [
            f'<tr><td colspan="8" class="bad">{escape(problem)}</td></tr>'
            for problem in column["problems"]
        ]
    return table(["column", "rows", "effect", "p", "PSI", "JS", "bad", ""], rows)


def quality_table(found: Mapping[str, Any] | None) -> str:
    """Return the errors of this window beside those of the evaluation."""
    if not found:
        return ""
    text = (
        f"{found['rows']} rows of {found['calls']} calls; {found['misfits']} truths did not fit "
        f"their calls, {found['unreadable']} could not be read."
    )
    rows = [
        table_row(name, [number(found["baseline"].get(name)), number(value)])
        for name, value in found["metrics"].items()
    ]
    for name, groups in found["by"].items():
        rows += [
            table_row(f"rmse, {name} {value}", ["", f"{one['rmse']:.4g}"])
            for value, one in groups.items()
        ]
    shown = table(["metric", "evaluation", "this window"], rows) if rows else ""
    return f'<p class="soft">{escape(text)}</p>{shown}'


def number(value: float | None) -> str:
    """Write a number; nothing where there is none."""
    return "" if value is None else f"{value:.4g}"


def traffic_table(found: Mapping[str, Any]) -> str:
    """Return what came in, and what could not be read."""
    rows = [
        table_row("captured calls", [f"{found['captures']:,}"]),
        table_row("rows", [f"{found['rows']:,}"]),
        table_row("rows of another width", [f"{found['misshapen']:,}"]),
        table_row("calls outside of the window", [f"{found['elsewhen']:,}"]),
    ]
    rows += [
        table_row(f"unreadable: {reason}", [f"{count:,}"])
        for reason, count in found["unreadable"].items()
    ]
    rows += endpoint_rows(found["endpoint"])
    rows += [table_row(f"calls in {hour} h", [f"{n:,}"]) for hour, n in found["hours"].items()]
    return table(["", "number"], rows)


def endpoint_rows(counted: Mapping[str, Any] | None) -> list[str]:
    """Return rows of what the endpoint itself counted, calls that failed among them."""
    if not counted:
        return []
    rows = [
        table_row(f"calls that the endpoint counted, {name}", [f"{counted[key]:,}"])
        for name, key in (
            ("all", "invocations"),
            ("refused (4XX)", "client_errors"),
            ("failed (5XX)", "server_errors"),
        )
    ]
    if counted["error_share"] is not None:
        rows.append(table_row("share of calls with errors", [percent(counted["error_share"])]))
    return rows + [
        table_row(name, [f"{counted[key]:,.3g} ms"])
        for name, key in (
            ("the model's time, mean", "model_mean_ms"),
            ("the model's time, longest", "model_maximum_ms"),
            ("SageMaker's time beside it, mean", "overhead_mean_ms"),
        )
        if counted[key] is not None
    ]


def table(head: Sequence[str], rows: Sequence[str]) -> str:
    """Return a table."""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    return (
        f"{_WIDE}<table><thead><tr>{names}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def table_row(name: str, cells: Sequence[str]) -> str:
    """Return a row; the cells are HTML already."""
    return f"<tr><th>{escape(name)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
