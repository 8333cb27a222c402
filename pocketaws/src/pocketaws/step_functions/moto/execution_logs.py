"""Step Functions' logs: an execution's history is written where its state machine says."""

import contextlib
import datetime
import sys
from dataclasses import dataclass

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogsBackend, logs_backends
from moto.stepfunctions.models import StateMachine

from pocketaws.step_functions.engine.execution import EngineExecution
from pocketaws.step_functions.engine.history import Event, details_key
from pocketaws.step_functions.execution_log import (
    is_logged,
    log_event,
    stream_name,
)


@dataclass(frozen=True, slots=True)
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
            sys.intern(group_name),
            stream_name(machine.name, now),
            level,
            bool(configuration.get("includeExecutionData")),
        )

    def write(self, execution: EngineExecution, event: Event) -> None:
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
