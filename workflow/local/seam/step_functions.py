"""Step Functions: definitions and names are checked, SageMaker's tasks run, retries do not wait."""

import functools
import re
import time
import types
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final

from moto.stepfunctions import models as step_functions_models
from moto.stepfunctions.exceptions import AWSError
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import (
    lambda_eval_utils,
    state_task_factory,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk,
    state_task_service_events,
    state_task_service_factory,
    state_task_service_sfn,
    state_task_service_sns,
    state_task_service_sqs,
)
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)
from moto.stepfunctions.parser.utils import TMP_THREADS

from workflow.errors import UnsupportedResourceError
from workflow.local.definition_rules import definition_problems
from workflow.local.jobs import Jobs
from workflow.local.pulse import Pulse
from workflow.local.seam import sagemaker_task
from workflow.local.seam.change import Change
from workflow.local.seam.sagemaker_task import SageMakerTask

# Step Functions waits half a minute before it asks a throttled service again; here nothing is
# gained by it.
_LONGEST_RETRY_SECONDS: Final = 0.2
# What makes a JSONPath one that may find several values: `..`, a wildcard, slice, union or filter.
_MANY_VALUES: Final = re.compile(r"\.\.|\*|\[[^\]'\"]*[:,?]")
# The engine's modules that make a client for every task they run.
_ENGINE_CALLERS: Final = (
    lambda_eval_utils,
    sagemaker_task,
    state_task_service_aws_sdk,
    state_task_service_events,
    state_task_service_sfn,
    state_task_service_sns,
    state_task_service_sqs,
)


def changes(jobs: Jobs, pulse: Pulse) -> list[Change]:
    """Return what to change in moto's Step Functions."""
    original_service_for = state_task_service_factory.state_task_service_for
    original_start = StepFunctionsParserBackend.start_execution
    original_validate = StepFunctionsParserBackend._validate_definition

    def service_for(service_name: str) -> Any:
        if service_name == "sagemaker":
            return SageMakerTask(jobs)
        return original_service_for(service_name)

    def start_execution(self: Any, state_machine_arn: str, name: Any = None, *more: Any) -> Any:
        # AWS gives a nameless execution a UUID; moto would leave $$.Execution.Name empty.
        name = name or str(uuid.uuid4())
        self._validate_name(name)
        return original_start(self, state_machine_arn, name, *more)

    def validate_definition(definition: str) -> None:
        try:
            problems = definition_problems(definition)
        except (UnsupportedResourceError, ValueError) as error:
            raise InvalidDefinition(message=f"Invalid State Machine Definition: {error}") from error
        if problems:
            text = ", ".join(problems)
            raise InvalidDefinition(message=f"Invalid State Machine Definition: '{text}'")
        original_validate(definition)

    clients = functools.cache(boto_client_for)

    def kept_client(region: str, service: str, **_: Any) -> Any:
        # Kept, since making a client takes longer than most tasks.
        return clients(region=region, service=service)

    original_is_singleton = json_path._is_singleton_array_access

    def is_one_value(path: str) -> bool:
        # moto makes a list of what `$.results[0].name` finds.
        return original_is_singleton(path) or not _MANY_VALUES.search(path)

    shortened = types.SimpleNamespace(sleep=_sleep_shortened)
    return [
        # CloudFormation would create state machines in the backend that does not run them.
        Change(step_functions_models, "stepfunctions_backends", stepfunctions_parser_backends),
        Change(state_task_service_factory, "state_task_service_for", service_for),
        Change(state_task_factory, "state_task_service_for", service_for),
        Change(StepFunctionsParserBackend, "start_execution", start_execution),
        Change(
            StepFunctionsParserBackend, "_validate_definition", staticmethod(validate_definition)
        ),
        Change(AmazonStateLanguageParser, "parse", staticmethod(_parse_once())),
        Change(json_path, "_is_singleton_array_access", is_one_value),
        Change(retrier_decl, "time", shortened),
        Change(EventManager, "add_event", _followed_by(pulse, EventManager.add_event)),
        Change(
            BaseExecutionWorkerCommunication,
            "terminated",
            _followed_by(pulse, BaseExecutionWorkerCommunication.terminated),
        ),
        *(Change(module, "boto_client_for", kept_client) for module in _ENGINE_CALLERS),
        *_error_codes(),
    ]


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
