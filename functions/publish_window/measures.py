"""A report's numbers as CloudWatch takes them.

By `Endpoint`: `Windows` (1 each, so that a missing one is seen), `Captures`, `UnreadableCaptures`,
`ErrorShare` (of the endpoint's calls, where there were enough to judge), `ModelLatency` (their mean
in milliseconds), `DriftedColumns` (only of a window that was judged), `TruthRows`, `Rmse` and `Mae`
(only where ground truth was put). By `Endpoint` and `Column`: `Drift`, the effect.
"""

from collections.abc import Mapping
from typing import Any, Final

_JUDGED: Final = "compared"


def measures(
    report: Mapping[str, Any], *, endpoint_name: str, quality_alone: bool
) -> list[dict[str, Any]]:
    """Return MetricData of PutMetricData.

    Args:
        report: the content of report.json.
        endpoint_name: of all the metrics.
        quality_alone: leave out what was published when the window ended.
    """
    endpoint = {"Name": "Endpoint", "Value": endpoint_name}
    numbers = _quality(report) if quality_alone else {**_traffic(report), **_quality(report)}
    found = [
        {"MetricName": name, "Dimensions": [endpoint], "Value": float(value)}
        for name, value in numbers.items()
    ]
    if quality_alone or report["state"] != _JUDGED:
        return found
    return [
        *found,
        *(
            {
                "MetricName": "Drift",
                "Dimensions": [endpoint, {"Name": "Column", "Value": column["name"]}],
                "Value": float(column["effect"]),
            }
            for column in report["columns"]
        ),
    ]


def _traffic(report: Mapping[str, Any]) -> dict[str, float]:
    traffic = report["traffic"]
    judged = {"DriftedColumns": len(report["drifted"])} if report["state"] == _JUDGED else {}
    return {
        "Windows": 1,
        "Captures": traffic["captures"],
        "UnreadableCaptures": sum(traffic["unreadable"].values()),
        **_endpoint(report),
        **judged,
    }


def _endpoint(report: Mapping[str, Any]) -> dict[str, float]:
    counted = report["traffic"]["endpoint"]
    if not counted:
        return {}
    is_judged = counted["invocations"] >= report["limits"]["min_rows"]
    mean_ms = counted["model_mean_ms"]
    return {
        **({"ErrorShare": counted["error_share"]} if is_judged else {}),
        **({} if mean_ms is None else {"ModelLatency": mean_ms}),
    }


def _quality(report: Mapping[str, Any]) -> dict[str, float]:
    quality = report["quality"]
    if not quality or not quality["rows"]:
        return {}
    metrics = quality["metrics"]
    return {"TruthRows": quality["rows"], "Rmse": metrics["rmse"], "Mae": metrics["mae"]}
