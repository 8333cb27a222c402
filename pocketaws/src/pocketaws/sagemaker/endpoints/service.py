"""Everything that serves endpoints, put together."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.processes.zygote_process import Zygote
from pocketaws.sagemaker.endpoints.capture import Captures
from pocketaws.sagemaker.endpoints.deployments import Surroundings
from pocketaws.sagemaker.endpoints.endpoints import Endpoints
from pocketaws.sagemaker.endpoints.fleet import Launcher
from pocketaws.sagemaker.endpoints.invocations import Invocations
from pocketaws.sagemaker.endpoints.recorder import Recorder
from pocketaws.wire.hosting import Hosting


class EndpointService:
    """The endpoints of a runtime, how they are called, and what is recorded of it.

    Args:
        zygote: has XGBoost imported; containers are forked from it.
        make_client: returns a client of an emulated service by its name.
        roles: as which models are fetched, alarms looked at and captured data written.
        endpoints_dir: where containers have their folders.
        arn_prefix: of what SageMaker keeps, up to the account.
        ports: on loopback, by endpoint name.
        hosting: serves ports.
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
        hosting: Hosting,
    ) -> None:
        surroundings = Surroundings(
            Launcher(zygote, roles, workers=os.cpu_count() or 1),
            make_client,
            roles,
            ports=ports,
            hosting=hosting,
        )
        captures = Captures(lambda role_arn: roles.client(role_arn, "s3"))
        self.endpoints = Endpoints(surroundings, endpoints_dir, arn_prefix=arn_prefix)
        self.recorder = Recorder(self.endpoints.all, captures, make_client)
        self.invocations = Invocations(self.endpoints, captures)

    def stop(self, *, timeout_seconds: float) -> None:
        """Write what is left to write, and end every container."""
        self.recorder.stop()
        self.endpoints.stop_all(timeout_seconds=timeout_seconds)
        self.invocations.close()
