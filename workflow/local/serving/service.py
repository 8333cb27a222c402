"""Everything that serves endpoints, put together."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workflow.local.iam.assumed_roles import AssumedRoles
from workflow.local.processes import Zygote
from workflow.local.serving.capture import Captures
from workflow.local.serving.deployments import Services
from workflow.local.serving.endpoints import Endpoints
from workflow.local.serving.fleet import Launcher
from workflow.local.serving.invocations import Invocations
from workflow.local.serving.recorder import Recorder


class EndpointService:
    """The endpoints of a runtime, how they are called, and what is recorded of it.

    Args:
        zygote: has XGBoost imported; containers are forked from it.
        make_client: returns a client of an emulated service by its name.
        roles: as which models are fetched, alarms looked at and captured data written.
        endpoints_dir: where containers have their folders.
        arn_prefix: of what SageMaker keeps, up to the account.
        ports: on loopback, by endpoint name.
    """

    def __init__(
        self,
        zygote: Zygote,
        make_client: Callable[[str], Any],
        roles: AssumedRoles,
        endpoints_dir: Path,
        *,
        arn_prefix: str,
        ports: Mapping[str, int],
    ) -> None:
        services = Services(
            Launcher(zygote, roles, workers=os.cpu_count() or 1),
            make_client,
            roles,
            ports=ports,
        )
        captures = Captures(lambda role_arn: roles.client(role_arn, "s3"))
        self.endpoints = Endpoints(services, endpoints_dir, arn_prefix=arn_prefix)
        self.recorder = Recorder(self.endpoints.all, captures, make_client)
        self.invocations = Invocations(self.endpoints, captures)

    def stop(self, *, timeout_seconds: float) -> None:
        """Write what is left to write, and end every container."""
        self.recorder.stop()
        self.endpoints.stop_all(timeout_seconds=timeout_seconds)
        self.invocations.close()
