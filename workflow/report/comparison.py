"""Two runs side by side: settings, data, metrics, durations."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workflow.report.classes import metrics_key
from workflow.report.record import Record

_ABSENT: Final = "-"
_METRICS: Final = ("mse", "rmse", "mae", "r2")
_LIMITS: Final = ("metric", "value", "production_value", "allowed", "rows")


@dataclass(frozen=True)
class Line:
    """A value of both runs; None where one has none."""

    name: str
    first: Any
    second: Any

    @property
    def differs(self) -> bool:
        """Whether the two are not the same."""
        return bool(self.first != self.second)


def compared(first: Record, second: Record) -> dict[str, list[Line]]:
    """Return the lines by section, in the order of the first run and then of the second."""
    return {name: _lines(values(first), values(second)) for name, values in _SECTIONS.items()}


def as_json(first: Record, second: Record) -> str:
    """Return all lines as JSON, each with whether it differs."""
    sections = {
        name: [{**vars(line), "differs": line.differs} for line in lines]
        for name, lines in compared(first, second).items()
    }
    return json.dumps({"first": first.summary.name, "second": second.summary.name, **sections})


def as_text(first: Record, second: Record) -> str:
    """Return a table a section; of settings and lineage what differs, and how much is equal."""
    blocks = []
    for name, lines in compared(first, second).items():
        items = [line for line in lines if line.differs or name not in _LONG]
        equal = len(lines) - len(items)
        rows = [(name, first.summary.name, second.summary.name), *map(_cells, items)]
        block = _aligned(rows)
        blocks.append([*block, *([f"  ({equal} more are the same)"] if equal else [])])
    return "\n\n".join("\n".join(block) for block in blocks)


def _lines(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Line]:
    return [Line(name, first.get(name), second.get(name)) for name in {**first, **second}]


def _cells(line: Line) -> tuple[str, str, str]:
    mark = "! " if line.differs else "  "
    return f"{mark}{line.name}", shown(line.first), shown(line.second)


def _aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(2)]
    return [f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}".rstrip() for row in rows]


def shown(value: Any) -> str:
    """Return a value as people read it."""
    if value is None:
        return _ABSENT
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value)


def _verdict(record: Record) -> dict[str, Any]:
    return {
        "verdict": record.verdict.kind,
        "error": record.summary.error,
        "model": record.model_name,
        "started at": record.summary.started_at,
        "started by": record.summary.started_by,
        "reason": (record.judgement or {}).get("reason"),
    }


def _metrics(record: Record) -> dict[str, Any]:
    judged = record.judgement or {}
    found = {name: judged[name] for name in _METRICS if judged.get(name) is not None}
    if not found:  # Of classes.
        found = {**judged.get("metrics", {})}
    errors = (record.evaluation or {}).get(metrics_key(record.evaluation or {}), {})
    deviations = {
        f"standard error of {name}": errors[name].get("standard_deviation")
        for name in found
        if name in errors
    }
    limits = {name: judged.get(name) for name in _LIMITS}
    return {**found, **deviations, **limits, **record.metrics} if judged else dict(record.metrics)


def _data(record: Record) -> dict[str, Any]:
    if record.data is None:
        return {}
    data = record.data
    return {
        "rows read": data.rows_read,
        "rows left out": data.rows_left_out,
        **{f"left out: {reason}": count for reason, count in data.left_out_by_reason.items()},
        **{f"rows of {split}": count for split, count in data.rows_by_split.items()},
    }


def _durations(record: Record) -> dict[str, Any]:
    states: dict[str, Any] = {"execution": record.summary.seconds}
    for state in record.states:
        if state.parent is None:
            states[state.name] = round(states.get(state.name, 0.0) + state.seconds, 3)
    jobs = {
        f"instance seconds of {job.state_name}": job.instance_seconds
        for job in record.jobs
        if job.instance_seconds is not None
    }
    return states | jobs


_SECTIONS: Final[Mapping[str, Callable[[Record], Mapping[str, Any]]]] = {
    "outcome": _verdict,
    "settings": lambda record: {item.name: item.value for item in record.settings},
    "data": _data,
    "metrics": _metrics,
    "seconds": _durations,
    "lineage": lambda record: record.lineage,
}
_LONG: Final = ("settings", "lineage")
