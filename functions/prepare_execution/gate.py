"""What a model is judged by: the gate's metric and threshold, of the input, the stack, or neither.

A threshold belongs to its metric: that of the stack does not count with another metric of the
input. Where there is none, `max_mse` is the threshold of mse and 0.5 that of auc; every other
metric wants one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from posed import DEFAULT_METRIC, DEFAULT_THRESHOLD, METRICS, RANGES, Posed


@dataclass(frozen=True)
class Gate:
    """The threshold is None where `max_mse` stands for it."""

    metric: str
    threshold: float | None


def gate_of(
    given: Mapping[str, Any], defaults: Mapping[str, Any], *, posed: Posed, problems: list[str]
) -> Gate:
    """Return the gate, and add a line to `problems` for each thing that is wrong with it."""
    usual = defaults.get("gate_metric") or DEFAULT_METRIC[posed.problem]
    metric = given.get("gate_metric", usual)
    if metric not in METRICS[posed.problem]:
        problems.append(_wrong_metric(metric, posed))
        return Gate("mse", None)
    threshold = given.get("gate_threshold")
    if threshold is None and metric == usual:
        threshold = defaults.get("gate_threshold")
    threshold = DEFAULT_THRESHOLD.get(metric) if threshold is None else threshold
    if metric != "mse" and "max_mse" in given:
        problems.append(
            f"max_mse = {json.dumps(given['max_mse'])}: the gate judges by {metric}; give "
            "gate_threshold instead"
        )
    if threshold is None and metric != "mse":
        problems.append(f"gate_metric = {json.dumps(metric)}: give gate_threshold, too")
    if threshold is not None and (wrong := _wrong_threshold(metric, threshold)):
        problems.append(f"gate_threshold = {json.dumps(threshold)}: {wrong}")
        return Gate(metric, None)
    return Gate(metric, None if threshold is None else float(threshold))


def check_metric(given: Mapping[str, Any], *, posed: Posed, problems: list[str]) -> None:
    """Add a line where the metric is wrong whatever the stack's is."""
    if "gate_metric" in given and given["gate_metric"] not in METRICS[posed.problem]:
        problems.append(_wrong_metric(given["gate_metric"], posed))


def _wrong_metric(metric: Any, posed: Posed) -> str:
    known = ", ".join(METRICS[posed.problem])
    return (
        f"gate_metric = {json.dumps(metric)}: must be one of {known}, since PROBLEM in "
        f"jobs/columns.py is {posed.problem}"
    )


def _wrong_threshold(metric: str, threshold: Any) -> str | None:
    low, high = RANGES[metric]
    if isinstance(threshold, bool) or not isinstance(threshold, int | float):
        return "must be a number, without quotes"
    if not low < threshold <= high:
        return f"must be above {low:g} and at most {high:g} with the metric {metric}"
    return None
