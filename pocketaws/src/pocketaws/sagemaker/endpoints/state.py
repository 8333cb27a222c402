"""One endpoint: what it serves, what is in progress, and what DescribeEndpoint tells of it.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
"""

import datetime
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pocketaws.sagemaker.endpoints.configs import EndpointConfig
from pocketaws.sagemaker.endpoints.fleet import Fleet
from pocketaws.sagemaker.endpoints.meter import Count
from pocketaws.sagemaker.jobs.jobs import now

IN_SERVICE: Final = "InService"


@dataclass(frozen=True)
class Pending:
    """An update that is in progress.

    Attributes:
        config: that the endpoint shall serve.
        before: that it is described by until the update is over.
    """

    config: EndpointConfig
    before: EndpointConfig
    deployment_config: Mapping[str, Any]
    started: datetime.datetime = field(default_factory=now)

    def summary(self) -> dict[str, Any]:
        """Return DescribeEndpoint's PendingDeploymentSummary."""
        status = {"Status": "Creating", "StartTime": self.started}
        variant = {"VariantName": self.config.variant["VariantName"], "VariantStatus": [status]}
        return {
            "EndpointConfigName": self.config.name,
            "ProductionVariants": [variant],
            "StartTime": self.started,
        }


@dataclass
class EndpointState:
    """An endpoint that was accepted.

    Attributes:
        listening: its socket; open as long as the endpoint is.
        config: of what it serves, or shall serve first.
        deployment_config: of the last update that went through, or of its creation.
        fleet: what answers; None until it is in service for the first time.
        pending: the update that is in progress.
        settled: set while nothing is in progress.
        retired: the calls of containers that answer no more.
        when_lost: called once nothing answers at the socket any more, unasked.
    """

    name: str
    arn: str
    listening: socket.socket
    config: EndpointConfig
    deployment_config: Mapping[str, Any]
    status: str = "Creating"
    failure_reason: str | None = None
    fleet: Fleet | None = None
    pending: Pending | None = None
    created: datetime.datetime = field(default_factory=now)
    modified: datetime.datetime = field(default_factory=now)
    settled: threading.Event = field(default_factory=threading.Event)
    retired: Count = field(default_factory=Count)
    when_lost: Callable[["EndpointState"], None] = lambda _: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.port = int(self.listening.getsockname()[1])

    @property
    def url(self) -> str:
        """Where its container answers: /ping and /invocations."""
        return f"http://127.0.0.1:{self.port}"

    def begin_update(self, pending: Pending) -> None:
        """Note an update that begins; an earlier one's failure is forgotten."""
        self.pending = pending
        self.failure_reason = None
        self.status = "Updating"
        self.modified = now()

    def take(self, fleet: Fleet, config: EndpointConfig) -> None:
        """Note which container answers from now on; the one before has ended."""
        if self.fleet is not None:
            self.retired += self.fleet.count()
        self.fleet, self.config = fleet, config
        fleet.child.exit_code.add_done_callback(lambda _: self._look_after(fleet))

    def serve(self, *, failure_reason: str | None = None) -> None:
        """Note that the endpoint is in service, unless its container has ended meanwhile."""
        self.change(IN_SERVICE, failure_reason=failure_reason)
        if self.fleet is not None and self.fleet.has_ended:
            self._look_after(self.fleet)

    def _look_after(self, fleet: Fleet) -> None:
        """Note that a container has ended, where nothing else is in progress that needs it."""
        with self._lock:
            is_lost = self.status == IN_SERVICE and self.fleet is fleet and not fleet.asked.is_set()
            if is_lost:
                self.change("Failed", failure_reason=fleet.failure)
        if is_lost:
            self.when_lost(self)

    def count(self) -> Count:
        """Return how often the endpoint was called since it was created."""
        fleet = self.fleet
        return self.retired if fleet is None else self.retired + fleet.count()

    def change(
        self, status: str, *, failure_reason: str | None = None, keeps_pending: bool = False
    ) -> None:
        """Note a status, with its reason; an update is over unless it is said to go on."""
        if not keeps_pending:
            self.pending = None
        self.failure_reason = failure_reason
        self.modified = now()
        # Last, since whoever waits for it reads the rest then.
        self.status = status

    def description(self) -> dict[str, Any]:
        """Return what DescribeEndpoint answers."""
        pending, variants = self.pending, []
        config = self.config if pending is None else pending.before
        if self.fleet is not None:
            image_uri = self.fleet.model.image_uri
            variants.append(config.variant_summary(image_uri, resolved=self.created))
        fields = {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": config.name,
            "ProductionVariants": variants or None,
            "DataCaptureConfig": config.capture_summary(),
            "EndpointStatus": self.status,
            "FailureReason": self.failure_reason,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "LastDeploymentConfig": dict(self.deployment_config) or None,
            "PendingDeploymentSummary": None if pending is None else pending.summary(),
        }
        return {key: value for key, value in fields.items() if value is not None}
