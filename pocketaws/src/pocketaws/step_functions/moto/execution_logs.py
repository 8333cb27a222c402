"""Step Functions' logs: an execution's history is written where its state machine says."""

import contextlib
import datetime
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import logs_backends
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.asl.eval.event.logging import (
    CloudWatchLoggingConfiguration,
    is_logging_enabled_for,
)
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change
from pocketaws.step_functions.execution_log import api_configuration, log_event, stream_name

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
_MAX_EVENTS: Final = 1000


def changes() -> list[Change]:
    """Return what to change in moto's Step Functions, whose executions leave no log."""
    return [
        Change(StateMachine, "create_from_cloudformation_json", _created()),
        Change(StateMachine, "update_from_cloudformation_json", _updated()),
        Change(Execution, "__init__", _logged_init()),
        Change(StepFunctionResponse, "get_execution_history", _paged_history()),
    ]


class _Session:
    """Writes the events of one execution; what moto's engine asks of its own session.

    moto's wants a time where the engine has a text, and has one stream for all executions.
    """

    def __init__(self, execution: Execution, configuration: CloudWatchLoggingConfiguration) -> None:
        self.execution_arn = execution.exec_arn
        self.configuration = configuration
        now = datetime.datetime.now(tz=datetime.UTC)
        self._stream_name = stream_name(execution.state_machine.name, now)
        self._logs = logs_backends[configuration.log_account_id][configuration.log_region]

    def log_level_filter(self, history_event_type: Any) -> bool:
        """Tell whether the machine's level has events of a type written."""
        return bool(is_logging_enabled_for(self.configuration.log_level, history_event_type))

    def publish_history_log(self, history_log: Mapping[str, Any]) -> None:
        """Write one event; a group that is gone gets none, and the execution does not notice."""
        event = log_event(
            history_log,
            execution_arn=self.execution_arn,
            include_execution_data=self.configuration.include_execution_data,
        )
        group = self.configuration.log_group_name
        line = {"timestamp": int(event.time.timestamp() * 1000), "message": event.message}
        with contextlib.suppress(ResourceNotFoundException):
            self._logs.ensure_log_stream(group, self._stream_name)
            self._logs.put_log_events(group, self._stream_name, [line])


def _logged_init() -> Callable[..., None]:
    original = Execution.__init__

    def init(self: Execution, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        configuration = CloudWatchLoggingConfiguration.from_logging_configuration(
            self.state_machine.arn,
            {"includeExecutionData": False, **self.state_machine.loggingConfiguration},
        )
        if configuration is not None:
            self._cloud_watch_logging_session = _Session(self, configuration)

    return init


def _created() -> Any:
    original = StateMachine.create_from_cloudformation_json.__func__

    def create(
        cls: type[StateMachine],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        *more: Any,
        **named: Any,
    ) -> StateMachine:
        machine = original(cls, resource_name, cloudformation_json, *more, **named)
        return _configured(machine, cloudformation_json)

    return classmethod(create)


def _updated() -> Any:
    original = StateMachine.update_from_cloudformation_json.__func__

    def update(
        cls: type[StateMachine],
        /,
        original_resource: StateMachine,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        *more: Any,
        **named: Any,
    ) -> StateMachine:
        arguments = (original_resource, new_resource_name, cloudformation_json)
        return _configured(original(cls, *arguments, *more, **named), cloudformation_json)

    return classmethod(update)


def _configured(machine: StateMachine, cloudformation_json: Mapping[str, Any]) -> StateMachine:
    configuration = api_configuration(cloudformation_json["Properties"])
    machine.loggingConfiguration = configuration or {"level": "OFF"}
    return machine


def _paged_history() -> Callable[[StepFunctionResponse], ActionResult]:
    """Return a GetExecutionHistory that heeds order and page; moto's answers all, oldest first."""

    def get_execution_history(self: StepFunctionResponse) -> ActionResult:
        request = json.loads(self.body)
        history = self.stepfunction_backend.get_execution_history(request["executionArn"])
        events = history["events"]
        if request.get("reverseOrder"):
            events = events[::-1]
        start = int(request.get("nextToken", 0))
        end = start + (request.get("maxResults") or _MAX_EVENTS)
        page = list(itertools.islice(events, start, end))
        following = {"nextToken": str(end)} if end < len(events) else {}
        return ActionResult({"events": page, **following})

    return get_execution_history
