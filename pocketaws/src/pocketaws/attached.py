"""A runtime that another process keeps up, as its users see it: clients, a stack, executions."""

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from pocketaws import environment, service_models
from pocketaws.cloudformation.sources import METADATA_KEY, sources_digest
from pocketaws.cloudformation.stack import Stack, listed_resources, stack_of
from pocketaws.exports import Exports
from pocketaws.processes.warmup import Build
from pocketaws.step_functions.execution import Execution
from pocketaws.step_functions.following import Asked, follow, start

_LOOK_SECONDS: Final = 0.1
_CONNECT_SECONDS: Final = 5
# CloudFormation answers when the stack has been made.
_READ_SECONDS: Final = 120


class AttachedRuntime:
    """A context in which another process's runtime is reached, and no AWS of the user's.

    It may be entered again; its clients are kept.

    Args:
        exports: of the runtime.

    Attributes:
        region: of the emulated account.
        endpoint_url: of every emulated service.
        exported: the environment in which a process reaches the emulated services.
    """

    def __init__(self, exports: Exports) -> None:
        self.exported = exports.variables
        self.region = exports.variables.get("AWS_REGION", "")
        self.endpoint_url = exports.variables.get("AWS_ENDPOINT_URL", "")
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._session: Any = None
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        self._exits.enter_context(environment.reaching(self.exported))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        exc_traceback: TracebackType | None,
    ) -> None:
        self._exits.close()

    def listens(self) -> bool:
        """Tell whether anything listens at the runtime's address, on loopback."""
        place = urlsplit(self.endpoint_url)
        try:
            with socket.create_connection(("127.0.0.1", place.port or 0), _CONNECT_SECONDS):
                return place.hostname == "localhost"
        except (OSError, ValueError):
            return False

    def client(self, service: str) -> Any:
        """Return a boto3 client of an emulated service; the same one each time."""
        # A session makes one at a time.
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new(service)
            return self._clients[service]

    def _new(self, service: str) -> Any:
        # Whoever has nothing to attach to need not import them.
        import boto3
        from botocore.config import Config

        if self._session is None:
            with service_models.shared():
                self._session = boto3.Session(region_name=self.region)
        config = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": 2},
        )
        return self._session.client(service, config=config)

    def stack(self, stack_name: str) -> tuple[Stack, Mapping[str, str]] | None:
        """Return a stack that is there and done, with its parameters; None where it is not."""
        from botocore.exceptions import ClientError

        cloudformation = self.client("cloudformation")
        try:
            (described,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            return None
        if described["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return None
        given = described.get("Parameters", [])
        parameters = {item["ParameterKey"]: item["ParameterValue"] for item in given}
        return stack_of(described, (), listed_resources(stack_name, cloudformation)), parameters

    def is_built_of(
        self, stack_name: str, template_path: Path, template: Mapping[str, Any]
    ) -> bool:
        """Tell whether a stack was built of a template, and what it names, as they are now.

        Args:
            stack_name: of a stack that is there.
            template_path: of a SAM template.
            template: what stands in it.
        """
        answer = self.client("cloudformation").get_template(StackName=stack_name)
        body = answer["TemplateBody"]
        deployed = json.loads(body) if isinstance(body, str) else body
        digest = (deployed.get("Metadata") or {}).get(METADATA_KEY)
        return bool(digest) and digest == sources_digest(template_path, template)

    def deploy(self, build: Build, *, stack_name: str, parameters: Mapping[str, str]) -> Stack:
        """Create or update a stack; see `pocketaws.cloudformation.deploy.deploy`."""
        # Seldom: a run that finds all as it is need not import them.
        from pocketaws.cloudformation.deploy import deploy
        from pocketaws.step_functions.stack_definitions import check_definition

        cloudformation = self.client("cloudformation")
        return deploy(
            build,
            stack_name=stack_name,
            parameters=parameters,
            cloudformation=cloudformation,
            resources=partial(listed_resources, cloudformation=cloudformation),
            s3=self.client("s3"),
            check_definition=check_definition,
            # It takes out of any client's template what it does not create.
            creates=lambda _: True,
        )

    def start_execution(
        self, state_machine_arn: str, execution_input: Any, *, name: str | None = None
    ) -> str:
        """Start an execution and return its ARN."""
        stepfunctions = self.client("stepfunctions")
        return start(stepfunctions, state_machine_arn, execution_input, name=name)

    def wait(
        self, execution_arn: str, *, on_event: Callable[[Mapping[str, Any]], None] | None = None
    ) -> Execution:
        """Wait until an execution has ended, telling each event of its history once."""
        return follow(
            Asked(self.client("stepfunctions"), execution_arn),
            on_event=on_event,
            pause=lambda: time.sleep(_LOOK_SECONDS),
        )

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
