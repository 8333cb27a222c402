"""The file of CloudWatch metrics, a line of JSON each, that SageMaker publishes after the job.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-cloudwatch.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html
The dimensions are Endpoint and MonitoringSchedule, of the first page, and not EndpointName and
ScheduleName, of the second: published alarms on these metrics use the former. SageMaker chooses the
namespace: data-metrics for data quality, model-metrics for model quality.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pocketaws.sagemaker.monitor.monitor_regression import METRICS, Quality
from pocketaws.sagemaker.monitor.monitor_statistics import Feature, Statistics

Metric = tuple[str, dict[str, Any]]


def data_quality_metrics(
    statistics: Statistics, distances: Mapping[str, float]
) -> Iterator[Metric]:
    """Return each metric's name and its `Value` or `StatisticValues`.

    Args:
        statistics: of the current data.
        distances: of the columns that were compared with the baseline.
    """
    for feature in statistics.features:
        if feature.numbers is not None:
            yield f"feature_data_{feature.name}", {"StatisticValues": _statistic_values(feature)}
        yield f"feature_non_null_{feature.name}", {"Value": feature.completeness}
        if feature.name in distances:
            yield f"feature_baseline_drift_{feature.name}", {"Value": distances[feature.name]}


def model_quality_metrics(quality: Quality) -> Iterator[Metric]:
    """Return each metric's name and value; CloudWatch takes no NaN."""
    for name in METRICS:
        if not math.isnan(quality.values[name]):
            yield name, {"Value": quality.values[name]}


def write_metrics(
    metrics: Iterable[Metric], folder: Path, *, dimensions: Mapping[str, str], time: datetime
) -> None:
    """Write `cloudwatch_metrics.jsonl` into a folder that need not exist."""
    common = {
        "Timestamp": f"{time:%Y-%m-%dT%H:%M:%SZ}",
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
    }
    lines = (json.dumps({"MetricName": name, **common, **value}) for name, value in metrics)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cloudwatch_metrics.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _statistic_values(feature: Feature) -> dict[str, float]:
    numbers = feature.numbers
    assert numbers is not None, "only numerical columns have them"  # noqa: S101
    return {
        "SampleCount": float(feature.num_present),
        "Sum": numbers.sum,
        "Minimum": numbers.min,
        "Maximum": numbers.max,
    }
