"""The metrics that Model Monitor's container leaves, which SageMaker brings to CloudWatch.

The container writes `/opt/ml/output/metrics/cloudwatch/*.jsonl`, a line a metric, close to
PutMetricData's form but without the namespace, which is SageMaker's choice.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-cloudwatch.html
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pocketaws.cloudwatch.alarms import Alarms, Measurement, MetricId, metric_id

_DATA: Final = "aws/sagemaker/Endpoints/data-metrics"
_MODEL: Final = "aws/sagemaker/Endpoints/model-metrics"
# Of one PutMetricData call.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
_MAX_METRICS: Final = 1000

Metrics = Sequence[Mapping[str, Any]]


def namespace(environment: Mapping[str, str]) -> str:
    """Return the namespace of a job's metrics, by the job's environment."""
    return _MODEL if environment.get("analysis_type") == "MODEL_QUALITY" else _DATA


def read(output_dir: Path) -> list[dict[str, Any]]:
    """Return what a container has left below its /opt/ml/output; perhaps nothing."""
    return list(_lines(output_dir / "metrics" / "cloudwatch"))


class Publisher:
    """Puts metrics to CloudWatch and has the alarms judged that watch them.

    Args:
        make_client: returns a client of an emulated service by its name.
    """

    def __init__(self, make_client: Callable[[str], Any]) -> None:
        self._make_client = make_client
        self._alarms: Alarms | None = None

    def publish(self, metrics: Metrics, namespace: str, cloudwatch: Any) -> None:
        """Publish what one job has measured.

        Args:
            metrics: at least one, as `read` returns them; each says its time.
            namespace: of all.
            cloudwatch: a client with the identity of the job's role.
        """
        for start in range(0, len(metrics), _MAX_METRICS):
            some = list(metrics[start : start + _MAX_METRICS])
            cloudwatch.put_metric_data(Namespace=namespace, MetricData=some)
        # It remembers from one job to the next, and most commands need no such client.
        self._alarms = self._alarms or Alarms(self._make_client("cloudwatch"))
        time = max(datetime.fromisoformat(metric["Timestamp"]) for metric in metrics)
        self._alarms.judge(measured(metrics, namespace), time=time)


def measured(metrics: Metrics, namespace: str) -> dict[MetricId, Measurement]:
    """Return metrics as alarms see them."""
    return {
        metric_id(namespace, metric["MetricName"], metric["Dimensions"]): _measurement(metric)
        for metric in metrics
    }


def _lines(metrics_dir: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(metrics_dir.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield dict(json.loads(line))


def _measurement(metric: Mapping[str, Any]) -> Measurement:
    if "Value" in metric:
        value = float(metric["Value"])
        return Measurement(1.0, value, value, value)
    values = metric["StatisticValues"]
    return Measurement(
        float(values["SampleCount"]),
        float(values["Sum"]),
        float(values["Minimum"]),
        float(values["Maximum"]),
    )
