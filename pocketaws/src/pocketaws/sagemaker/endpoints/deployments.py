"""Blue/green in one machine: one container takes over from another at the endpoint's socket.

An update starts the new model's container at the same socket; as soon as it accepts connections the
old one accepts no more, finishes what it has begun and ends. Connections that wait are the kernel's
meanwhile, so none is lost, and one that is kept open is told to close with its next answer. Then
the update bakes for a second in place of WaitIntervalInSeconds and TerminationWaitInSeconds; errors
or an alarm bring the old model back, whose container takes a tenth of a second to start again from
the files that are kept until then. Traffic moves at once, whatever the TrafficRoutingConfiguration.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
"""

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import LocalRuntimeError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.sagemaker.endpoints.alarms import Trip, rollback_alarm_names, tripped
from pocketaws.sagemaker.endpoints.configs import EndpointConfig
from pocketaws.sagemaker.endpoints.fleet import (
    ContainerStage,
    Fleet,
    Launcher,
    LaunchFailure,
    ServedModel,
)
from pocketaws.sagemaker.endpoints.state import EndpointState
from pocketaws.sagemaker.images import image_for
from pocketaws.wire.hosting import Hosting

# As long as the container lets a request go on, and a little more.
DRAIN_SECONDS: Final = 35.0
BAKING_SECONDS: Final = 1.0
_SERVED_REPOSITORY: Final = "sagemaker-xgboost"
_SCRIPT_REPOSITORY: Final = "sagemaker-scikit-learn"
_LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True)
class Surroundings:
    """What endpoints need of the rest of the runtime.

    Attributes:
        launcher: starts containers.
        make_client: returns a client of an emulated service by its name.
        roles: as which rollback alarms are looked at.
        ports: on loopback, by endpoint name; an endpoint that is not named gets a free one.
        hosting: answers at a port whose container is lost.
    """

    launcher: Launcher
    make_client: Callable[[str], Any]
    roles: AssumedRoles
    ports: Mapping[str, int]
    hosting: Hosting


def describe_model(name: str, make_client: Callable[[str], Any]) -> Any:
    """Return what DescribeModel answers.

    Raises:
        ClientError: there is no model of that name.
    """
    return make_client("sagemaker").describe_model(ModelName=name)


class Deployments:
    """Does the work of creating and updating endpoints, each in a thread of its own.

    Args:
        surroundings: what the work needs.
        endpoints_dir: where fleets have their folders.
        stopping: set when the runtime ends.
        baking_seconds: how long the old model is kept after an update.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        endpoints_dir: Path,
        *,
        stopping: threading.Event,
        baking_seconds: float = BAKING_SECONDS,
    ) -> None:
        self._surroundings = surroundings
        self._dir = endpoints_dir
        self._stopping = stopping
        self._baking_seconds = baking_seconds
        self._fleet_numbers = itertools.count(1)

    def create(self, endpoint: EndpointState) -> None:
        """Bring an endpoint into service for the first time, or have it fail."""
        try:
            endpoint.take(self._launched(endpoint, endpoint.config), endpoint.config)
        except LaunchFailure as failure:
            endpoint.change("Failed", failure_reason=str(failure))
            return
        endpoint.serve()

    def update(self, endpoint: EndpointState) -> None:
        """Have an endpoint serve its pending configuration, or what it served before."""
        pending, old = endpoint.pending, endpoint.fleet
        assert pending is not None, "an update has one"  # noqa: S101
        assert old is not None, "what is updated serves"  # noqa: S101
        before = endpoint.config
        try:
            new = self._launched(endpoint, pending.config)
        except LaunchFailure as failure:
            endpoint.serve(failure_reason=str(failure))
            return
        old.stop(timeout_seconds=DRAIN_SECONDS)
        endpoint.take(new, pending.config)
        trip = self._baked(new, rollback_alarm_names(pending.deployment_config))
        if trip is not None:
            self._roll_back(endpoint, old, before, trip)
            return
        endpoint.deployment_config = pending.deployment_config
        old.forget()
        endpoint.serve()

    def _roll_back(
        self, endpoint: EndpointState, old: Fleet, before: EndpointConfig, trip: Trip
    ) -> None:
        failed, refused = endpoint.config, endpoint.fleet
        endpoint.change("RollingBack", keeps_pending=True)
        if trip.by_errors:
            self._ring(trip.alarm_name, "ALARM", "Threshold Crossed: the new container fails")
        reason = (
            f"The update to endpoint configuration {failed.name} was rolled back because of alarm "
            f"{trip.alarm_name}."
        )
        try:
            fleet = self._launched(endpoint, before, old.home_dir)
        except LaunchFailure as failure:
            endpoint.change("UpdateRollbackFailed", failure_reason=f"{reason} {failure}")
            return
        if refused is not None:
            refused.stop(timeout_seconds=DRAIN_SECONDS)
        endpoint.take(fleet, before)
        if refused is not None:
            refused.forget()
        if trip.by_errors:
            self._ring(trip.alarm_name, "OK", "The calls go to the earlier container")
        endpoint.serve(failure_reason=reason)

    def _ring(self, alarm_name: str, state: str, reason: str) -> None:
        cloudwatch = self._surroundings.make_client("cloudwatch")
        cloudwatch.set_alarm_state(AlarmName=alarm_name, StateValue=state, StateReason=reason)

    def _launched(
        self, endpoint: EndpointState, config: EndpointConfig, home_dir: Path | None = None
    ) -> Fleet:
        model = self._served_model(config)
        number = next(self._fleet_numbers)
        try:
            return self._surroundings.launcher.launch(
                model,
                home_dir or self._dir / f"{endpoint.name}-{number}",
                listening=endpoint.listening,
                variant_name=config.variant["VariantName"],
            )
        except LocalRuntimeError as error:
            raise LaunchFailure(f"InternalServerError: {error}") from error

    def _served_model(self, config: EndpointConfig) -> ServedModel:
        name = config.variant["ModelName"]
        try:
            model = describe_model(name, self._surroundings.make_client)
        except ClientError as error:
            raise LaunchFailure(f'Could not find model "{name}".') from error
        containers = model.get("Containers") or [model["PrimaryContainer"]]
        stages = tuple(_stage(name, container) for container in containers)
        first = containers[0]
        is_one = len(stages) == 1 and stages[0].work == _SERVED_REPOSITORY
        return ServedModel(
            name,
            model["ExecutionRoleArn"],
            first["Image"],
            first.get("ModelDataUrl"),
            dict(first.get("Environment") or {}),
            () if is_one else stages,
        )

    def _baked(self, fleet: Fleet, alarm_names: list[str]) -> Trip | None:
        """Watch a container that has taken the traffic; return the alarm that goes off, if any."""
        deadline = time.monotonic() + self._baking_seconds
        alarms = self._alarms(alarm_names, fleet.model)
        while alarms and not self._stopping.wait(_LOOK_SECONDS):
            trip = tripped(alarms, fleet.count())
            if trip is not None:
                return trip
            if time.monotonic() > deadline:
                break
            alarms = self._alarms(alarm_names, fleet.model)
        self._stopping.wait(max(0.0, deadline - time.monotonic()))
        return None

    def _alarms(self, names: list[str], model: ServedModel) -> list[Any]:
        if not names:
            return []
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html:
        # with the execution role's permission.
        cloudwatch = self._surroundings.roles.client(model.role_arn, "cloudwatch")
        answered = cloudwatch.describe_alarms(AlarmNames=names)
        return list(answered["MetricAlarms"])


def _stage(model_name: str, container: Mapping[str, Any]) -> ContainerStage:
    """Return what a model's container does.

    Raises:
        LaunchFailure: its image is not served here.
    """
    image = image_for(container["Image"])
    if image is None or image.work not in (_SERVED_REPOSITORY, _SCRIPT_REPOSITORY):
        raise LaunchFailure(
            f"model {model_name!r} has the image {container['Image']}; the local runtime serves "
            f"{_SERVED_REPOSITORY} and {_SCRIPT_REPOSITORY} only"
        )
    return ContainerStage(
        image.work,
        container["Image"].rpartition(":")[2],
        container.get("ModelDataUrl"),
        dict(container.get("Environment") or {}),
    )
