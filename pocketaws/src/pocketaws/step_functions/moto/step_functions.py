"""Step Functions: definitions and names are checked, SageMaker's tasks run, retries do not wait."""

import re
import sys
import time
import types
import uuid
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final

from botocore.config import Config
from moto.stepfunctions import models as step_functions_models
from moto.stepfunctions.exceptions import AWSError
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSeconds
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_factory,
)
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils import boto_client, json_path
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)
from moto.stepfunctions.parser.utils import TMP_THREADS

from pocketaws.change import Change
from pocketaws.errors import ServiceError, UnsupportedResourceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.sagemaker.jobs.jobs import Jobs
from pocketaws.step_functions.definition_rules import definition_problems
from pocketaws.step_functions.moto import (
    aws_sdk_task,
    execution_ends,
    execution_logs,
    sagemaker_task,
    task_tokens,
)
from pocketaws.step_functions.moto.sagemaker_task import SageMakerTask
from pocketaws.step_functions.pulse import Pulse

_TASK_SECONDS: Final = TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS
# Of the clients that tasks call with: what is retried, the definition says.
ENGINE_CONFIG: Final = Config(
    parameter_validation=False,
    retries={"total_max_attempts": 1},
    connect_timeout=_TASK_SECONDS,
    read_timeout=_TASK_SECONDS,
)
# The words of AWS.
_NOT_TRUSTED: Final = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
    "to assume the provided role."
)
# Step Functions waits half a minute before it asks a throttled service again; here nothing is
# gained by it.
_LONGEST_RETRY_SECONDS: Final = 0.2
# What makes a JSONPath one that may find several values: `..`, a wildcard, slice, union or filter.
_MANY_VALUES: Final = re.compile(r"\.\.|\*|\[[^\]'\"]*[:,?]")
_ENGINE: Final = "moto.stepfunctions.parser.asl."


def _engine_callers() -> list[ModuleType]:
    """Return the modules that make a client for every task they run: each binds the function."""
    return [
        sagemaker_task,
        *(
            module
            for name, module in list(sys.modules.items())
            if name.startswith(_ENGINE)
            and name != boto_client.__name__
            and "boto_client_for" in vars(module)
        ),
    ]


def changes(jobs: Jobs, pulse: Pulse, roles: AssumedRoles) -> list[Change]:
    """Return what to change in moto's Step Functions.

    Args:
        jobs: do SageMaker's jobs.
        pulse: beats at every event of an execution's history.
        roles: as which tasks call.
    """
    backend, communication = StepFunctionsParserBackend, BaseExecutionWorkerCommunication
    service_for, client_for = _service_for(jobs), _clients_of(roles)
    ended = execution_ends.told(communication.terminated)
    return [
        # CloudFormation would create state machines in the backend that does not run them.
        Change(step_functions_models, "stepfunctions_backends", stepfunctions_parser_backends),
        Change(state_task_service_factory, "state_task_service_for", service_for),
        Change(state_task_factory, "state_task_service_for", service_for),
        Change(backend, "start_execution", _named_start()),
        Change(backend, "create_state_machine", _trusting_create(roles)),
        Change(backend, "_validate_definition", staticmethod(_checked_definition())),
        Change(AmazonStateLanguageParser, "parse", staticmethod(_parse_once())),
        Change(json_path, "_is_singleton_array_access", _is_one_value()),
        Change(retrier_decl, "time", types.SimpleNamespace(sleep=_sleep_shortened)),
        Change(EventManager, "add_event", _followed_by(pulse, EventManager.add_event)),
        Change(communication, "terminated", _followed_by(pulse, ended)),
        *(Change(module, "boto_client_for", client_for) for module in _engine_callers()),
        *task_tokens.changes(),
        *aws_sdk_task.changes(),
        *execution_ends.changes(),
        *execution_logs.changes(),
        *_error_codes(),
    ]


def _service_for(jobs: Jobs) -> Callable[[str], Any]:
    original = state_task_service_factory.state_task_service_for

    def service_for(service_name: str) -> Any:
        return SageMakerTask(jobs) if service_name == "sagemaker" else original(service_name)

    return service_for


def _named_start() -> Callable[..., Any]:
    original = StepFunctionsParserBackend.start_execution

    def start_execution(self: Any, state_machine_arn: str, name: Any = None, *more: Any) -> Any:
        # AWS gives a nameless execution a UUID; moto would leave $$.Execution.Name empty.
        name = name or str(uuid.uuid4())
        self._validate_name(name)
        return original(self, state_machine_arn, name, *more)

    return start_execution


def _trusting_create(roles: AssumedRoles) -> Callable[..., Any]:
    original = StepFunctionsParserBackend.create_state_machine

    def create_state_machine(
        self: Any, name: str, definition: str, *more: Any, **named: Any
    ) -> Any:
        try:
            # A stack gives it by place, a call by name.
            roles.credentials(more[0] if more else named["roleArn"])
        except ServiceError as error:
            raise AWSError(_NOT_TRUSTED, "AccessDeniedException") from error
        return original(self, name, definition, *more, **named)

    return create_state_machine


def _checked_definition() -> Callable[[str], None]:
    original = StepFunctionsParserBackend._validate_definition

    def validate_definition(definition: str) -> None:
        try:
            problems = definition_problems(definition)
        except (UnsupportedResourceError, ValueError) as error:
            raise InvalidDefinition(message=f"Invalid State Machine Definition: {error}") from error
        if problems:
            text = ", ".join(problems)
            raise InvalidDefinition(message=f"Invalid State Machine Definition: '{text}'")
        original(definition)

    return validate_definition


def _clients_of(roles: AssumedRoles) -> Callable[..., Any]:
    """Return a maker of clients that carry the state machine's role, or the task's own."""

    def client_for(*, service: str, state_credentials: Any, **_: Any) -> Any:
        return roles.client(state_credentials.role_arn, service)

    return client_for


def _is_one_value() -> Callable[[str], bool]:
    """Return a test of paths that find one value; moto makes a list of `$.results[0].name`."""
    original = json_path._is_singleton_array_access
    return lambda path: original(path) or not _MANY_VALUES.search(path)


def join_threads(*, timeout_seconds: float) -> None:
    """Wait for the engine's threads, which it lists and never forgets."""
    deadline = time.monotonic() + timeout_seconds
    for thread in TMP_THREADS:
        thread.join(max(0, deadline - time.monotonic()))
    TMP_THREADS.clear()


def _error_codes() -> Iterator[Change]:
    """Yield what gives the engine's errors their codes; moto answers them with an empty one."""
    for error in vars(api).values():
        if isinstance(error, type) and issubclass(error, AWSError) and "code" in vars(error):
            yield Change(error, "TYPE", vars(error)["code"])


def _followed_by(pulse: Pulse, original: Callable[..., Any]) -> Callable[..., Any]:
    def and_beat(*arguments: Any, **more: Any) -> Any:
        try:
            return original(*arguments, **more)
        finally:
            pulse.beat()

    return and_beat


def _parse_once() -> Callable[[str], tuple[Any, Any]]:
    """Return a parser that parses a definition once; moto does so again for every execution."""
    original = AmazonStateLanguageParser.parse
    trees: dict[str, Any] = {}

    def parse(definition: str) -> tuple[Any, Any]:
        if definition in trees:
            tree = trees[definition]
            # The evaluated components keep state, so each execution gets its own.
            return Preprocessor().visit(tree), tree
        program, trees[definition] = original(definition)
        return program, trees[definition]

    return parse


def _sleep_shortened(seconds: float) -> None:
    time.sleep(min(seconds, _LONGEST_RETRY_SECONDS))
