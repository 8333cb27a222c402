"""SageMaker's endpoints: accept a request or refuse it, serve, update blue/green, delete.

An endpoint's socket is opened when it is created and closed when it is deleted; what happens
between is `endpoint_deployments`'s.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import LocalRuntimeError, ServiceError
from pocketaws.sagemaker.endpoints.configs import EndpointConfig, accepted_config
from pocketaws.sagemaker.endpoints.deployments import (
    DRAIN_SECONDS,
    Deployments,
    Surroundings,
    describe_model,
)
from pocketaws.sagemaker.endpoints.fleet import CONTAINER_MODULE
from pocketaws.sagemaker.endpoints.state import EndpointState, Pending
from pocketaws.wire.hosting import Port
from pocketaws.wire.http_server import HttpServer
from pocketaws.wire.messages import HttpAnswer, Limits, Request

LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 1024
_STAND_IN_LIMITS: Final = Limits(drain_seconds=0.0)


class Endpoints:
    """All endpoints and endpoint configurations of one runtime, by name.

    Args:
        surroundings: what they need.
        endpoints_dir: where fleets have their folders.
        arn_prefix: of what SageMaker keeps, up to the account.
    """

    def __init__(self, surroundings: Surroundings, endpoints_dir: Path, *, arn_prefix: str) -> None:
        self._surroundings = surroundings
        self._arn_prefix = arn_prefix
        self._stopping = threading.Event()
        self._deployments = Deployments(surroundings, endpoints_dir, stopping=self._stopping)
        self._configs: dict[str, EndpointConfig] = {}
        self._endpoints: dict[str, EndpointState] = {}
        self._stand_ins: dict[str, Port] = {}
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    @property
    def account_id(self) -> str:
        """Of the emulated account."""
        return self._arn_prefix.split(":")[4]

    def create_config(self, request: Mapping[str, Any]) -> EndpointConfig:
        """Accept an endpoint configuration.

        Raises:
            ServiceError: with SageMaker's code, where the request is refused.
        """
        name = request["EndpointConfigName"]
        arn = self._config_arn(name)
        config = accepted_config(request, arn=arn, has_model=self._has_model)
        with self._lock:
            if name in self._configs:
                raise _refused(f'Cannot create already existing endpoint configuration "{arn}".')
            self._configs[name] = config
        return config

    def config(self, name: str) -> EndpointConfig:
        """Return an endpoint configuration.

        Raises:
            ServiceError: there is none of that name.
        """
        try:
            return self._configs[name]
        except KeyError:
            arn = self._config_arn(name)
            raise _refused(f'Could not find endpoint configuration "{arn}".') from None

    def delete_config(self, name: str) -> None:
        """Delete an endpoint configuration; an endpoint that uses it goes on, as on AWS.

        Raises:
            ServiceError: there is none of that name.
        """
        self.config(name)
        with self._lock:
            self._configs.pop(name, None)

    def create(self, request: Mapping[str, Any]) -> EndpointState:
        """Accept an endpoint and begin to bring it into service.

        Raises:
            ServiceError: with SageMaker's code, where the request is refused.
        """
        name = request["EndpointName"]
        config = self.config(request["EndpointConfigName"])
        # While the artifact is fetched.
        self._surroundings.launcher.zygote.import_module(CONTAINER_MODULE)
        with self._lock:
            self._check_running()
            if name in self._endpoints:
                arn = self._endpoints[name].arn
                raise _refused(f'Cannot create already existing endpoint "{arn}".')
            endpoint = EndpointState(
                name=name,
                arn=f"{self._arn_prefix}:endpoint/{name.lower()}",
                listening=_listen(self._surroundings.ports.get(name, 0)),
                config=config,
                deployment_config=dict(request.get("DeploymentConfig") or {}),
                when_lost=self._stand_in,
            )
            self._endpoints[name] = endpoint
            self._start(endpoint, lambda: self._deployments.create(endpoint))
        return endpoint

    def get(self, name: str) -> EndpointState:
        """Return an endpoint.

        Raises:
            ServiceError: there is none of that name.
        """
        try:
            return self._endpoints[name]
        except KeyError:
            arn = f"{self._arn_prefix}:endpoint/{name.lower()}"
            raise _refused(f'Could not find endpoint "{arn}".') from None

    def all(self) -> list[EndpointState]:
        """Return every endpoint, oldest first."""
        return list(self._endpoints.values())

    def update(self, request: Mapping[str, Any]) -> EndpointState:
        """Begin to update an endpoint to a configuration.

        Raises:
            ServiceError: with SageMaker's code, where the request is refused.
        """
        endpoint = self.get(request["EndpointName"])
        config = self.config(request["EndpointConfigName"])
        # SageMaker needs the one in use, too: hashicorp/terraform-provider-aws, issue 40048.
        self.config(endpoint.config.name)
        kept = endpoint.deployment_config if request.get("RetainDeploymentConfig") else {}
        deployment_config = dict(request.get("DeploymentConfig") or kept)
        with self._lock:
            self._check_running()
            if endpoint.status != "InService":
                raise _refused(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            endpoint.begin_update(Pending(config, endpoint.config, deployment_config))
            self._start(endpoint, lambda: self._deployments.update(endpoint))
        return endpoint

    def delete(self, name: str) -> None:
        """Delete an endpoint, whose container first finishes what it has begun.

        Raises:
            ServiceError: there is none of that name, or it is being created or updated.
        """
        endpoint = self.get(name)
        with self._lock:
            if endpoint.status not in ("InService", "Failed", "UpdateRollbackFailed"):
                raise _refused(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            endpoint.change("Deleting")
        self._end(endpoint, timeout_seconds=DRAIN_SECONDS)
        with self._lock:
            self._endpoints.pop(name, None)

    def wait(self, name: str) -> EndpointState:
        """Return an endpoint as soon as nothing of it is in progress.

        Raises:
            ServiceError: there is none of that name.
        """
        endpoint = self.get(name)
        endpoint.settled.wait()
        return endpoint

    def stop_all(self, *, timeout_seconds: float) -> None:
        """Accept no more, and end every container."""
        with self._lock:
            self._stopping.set()
        for thread in self._threads:
            thread.join(timeout_seconds)
        for endpoint in self.all():
            # Nobody waits for an answer of a runtime that ends.
            with contextlib.suppress(LocalRuntimeError):
                self._end(endpoint, timeout_seconds=0)

    def _stand_in(self, endpoint: EndpointState) -> None:
        """Answer in place of a container that is lost: connections would wait for ever."""
        text = f"{endpoint.failure_reason}\n".encode()

        def answer(_: Request) -> HttpAnswer:
            return HttpAnswer(HTTPStatus.SERVICE_UNAVAILABLE, text, "text/plain; charset=utf-8")

        with self._lock:
            if endpoint.name in self._endpoints and not self._stopping.is_set():
                server = HttpServer(answer, _STAND_IN_LIMITS)
                port = self._surroundings.hosting.open(server, endpoint.listening.dup())
                self._stand_ins[endpoint.name] = port

    def _end(self, endpoint: EndpointState, *, timeout_seconds: float) -> None:
        stand_in = self._stand_ins.pop(endpoint.name, None)
        if stand_in is not None:
            stand_in.close()
        endpoint.listening.close()
        if endpoint.fleet is not None:
            endpoint.fleet.stop(timeout_seconds=timeout_seconds)
            endpoint.fleet.forget()
        endpoint.settled.set()

    def _has_model(self, name: str) -> bool:
        try:
            describe_model(name, self._surroundings.make_client)
        except ClientError:
            return False
        return True

    def _config_arn(self, name: str) -> str:
        return f"{self._arn_prefix}:endpoint-config/{name.lower()}"

    def _check_running(self) -> None:
        if self._stopping.is_set():
            raise ServiceError("InternalFailure", "the local runtime is being stopped")

    def _start(self, endpoint: EndpointState, work: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                work()
            except Exception as error:  # a thread's edge: whoever waits must hear of it
                reason = f"InternalServerError: {type(error).__name__}: {error}"
                if endpoint.fleet is None:
                    endpoint.change("Failed", failure_reason=reason)
                else:
                    endpoint.serve(failure_reason=reason)
            finally:
                endpoint.settled.set()

        endpoint.settled.clear()
        thread = threading.Thread(target=guarded, daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((LOOPBACK, port), backlog=_BACKLOG)
    except OSError as error:
        raise ServiceError(
            "InternalFailure", f"the endpoint's port {port} cannot be had: {error.strerror}"
        ) from error


def _refused(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)
