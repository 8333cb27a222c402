"""Step Functions' logs: an execution's history is written where its state machine says."""

import contextlib
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogsBackend, logs_backends
from moto.stepfunctions.models import StateMachine

from pocketaws.change import Change
from pocketaws.step_functions.engine.execution import Execution
from pocketaws.step_functions.engine.history import Event, details_key
from pocketaws.step_functions.execution_log import (
    api_configuration,
    is_logged,
    log_event,
    stream_name,
)


def changes() -> list[Change]:
    """Return what to change in moto's Step Functions, whose executions leave no log."""
    return [
        Change(StateMachine, "create_from_cloudformation_json", _created()),
        Change(StateMachine, "update_from_cloudformation_json", _updated()),
    ]


@dataclass(frozen=True)
class _Session:
    """Where the events of one execution are written, and which."""

    backend: LogsBackend
    group_name: str
    stream_name: str
    level: str
    include_execution_data: bool


class Logs:
    """Writes the histories of executions whose state machines want that."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Session] = {}

    def begin(self, execution_arn: str, machine: StateMachine) -> None:
        """Open a stream for an execution, where its machine's configuration has one."""
        configuration = machine.loggingConfiguration or {}
        destinations = configuration.get("destinations") or []
        level = configuration.get("level", "OFF")
        if level == "OFF" or len(destinations) != 1:
            return
        arn = str(destinations[0]["cloudWatchLogsLogGroup"]["logGroupArn"])
        _, _, _, region, account_id, _, group_name, *_ = arn.split(":")
        now = datetime.datetime.now(tz=datetime.UTC)
        self._sessions[execution_arn] = _Session(
            logs_backends[account_id][region],
            group_name,
            stream_name(machine.name, now),
            level,
            bool(configuration.get("includeExecutionData")),
        )

    def write(self, execution: Execution, event: Event) -> None:
        """Write an event; a group that is gone gets none, and the execution does not notice."""
        session = self._sessions.get(execution.plan.arn)
        if session is None or not is_logged(event["type"], level=session.level):
            return
        written = log_event(
            event,
            event.get(details_key(event["type"]), {}),
            execution_arn=execution.plan.arn,
            include_execution_data=session.include_execution_data,
            redrive_count=execution.redrive_count,
        )
        line = {"timestamp": int(written.time.timestamp() * 1000), "message": written.message}
        with contextlib.suppress(ResourceNotFoundException):
            session.backend.ensure_log_stream(session.group_name, session.stream_name)
            session.backend.put_log_events(session.group_name, session.stream_name, [line])


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
    properties = cloudformation_json["Properties"]
    configuration = api_configuration(properties)
    machine.loggingConfiguration = configuration or {"level": "OFF"}
    return machine
