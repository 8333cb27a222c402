"""Writes, every second, what endpoints have captured and how often they were called.

The calls become CloudWatch's metrics, with the container's own time as ModelLatency; a second's
calls are one record of statistics.
https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from pocketaws.sagemaker.endpoints.capture import Captures
from pocketaws.sagemaker.endpoints.meter import Count
from pocketaws.sagemaker.endpoints.state import EndpointState

NAMESPACE: Final = "AWS/SageMaker"
_LATENCY: Final = "ModelLatency"
_FLUSH_SECONDS: Final = 1.0
_LOG: Final = logging.getLogger(__name__)


def metrics(count: Count, *, endpoint_name: str, variant_name: str) -> list[dict[str, Any]]:
    """Return the metrics of some calls, as PutMetricData takes them."""
    dimensions = [
        {"Name": "EndpointName", "Value": endpoint_name},
        {"Name": "VariantName", "Value": variant_name},
    ]
    calls = count.invocations
    mean = count.microseconds / calls

    def metric(name: str, total: float, bounds: tuple[float, float]) -> dict[str, Any]:
        statistics = {"SampleCount": calls, "Sum": total}
        return {
            "MetricName": name,
            "Dimensions": dimensions,
            "StatisticValues": statistics | {"Minimum": bounds[0], "Maximum": bounds[1]},
            "Unit": "Microseconds" if name == _LATENCY else "None",
        }

    def errors(name: str, number: int) -> dict[str, Any]:
        # Each call counts as 0 or 1.
        return metric(name, number, (number == calls, number > 0))

    return [
        metric("Invocations", calls, (1, 1)),
        errors("Invocation4XXErrors", count.client_errors),
        errors("Invocation5XXErrors", count.server_errors),
        metric(_LATENCY, count.microseconds, (mean, mean)),
    ]


class Recorder:
    """A thread that writes every second, once it was started.

    Args:
        endpoints: returns those that there are.
        captures: what waits to be written.
        make_client: returns a client of an emulated service by its name.
    """

    def __init__(
        self,
        endpoints: Callable[[], Iterable[EndpointState]],
        captures: Captures,
        make_client: Callable[[str], Any],
    ) -> None:
        self._endpoints = endpoints
        self._captures = captures
        self._make_client = make_client
        # By ARN and time of creation, since a name may be used again.
        self._told: dict[tuple[str, Any], Count] = {}
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to write; again it does nothing."""
        with self._lock:
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write now."""
        self._captures.flush()
        with self._lock:
            for endpoint in self._endpoints():
                self._tell(endpoint)

    def stop(self) -> None:
        """Write what is left, and end the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self.flush()

    def _run(self) -> None:
        while not self._stopping.wait(_FLUSH_SECONDS):
            try:
                self.flush()
            except Exception as error:  # the next second's calls are worth a try
                _LOG.warning("calls of a second were not recorded: %s", error)

    def _tell(self, endpoint: EndpointState) -> None:
        identity = (endpoint.arn, endpoint.created)
        count = endpoint.count()
        new = count - self._told.get(identity, Count())
        if new.invocations <= 0:
            return
        self._told[identity] = count
        variant_name = endpoint.config.variant["VariantName"]
        told = metrics(new, endpoint_name=endpoint.name, variant_name=variant_name)
        try:
            cloudwatch = self._make_client("cloudwatch")
            cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=told)
        except Exception as error:  # numbers are no reason for anything to fail
            _LOG.warning("metrics of endpoint %s were not written: %s", endpoint.name, error)
