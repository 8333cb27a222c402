"""One execution of a state machine, from its start to its end, and again when it is redriven."""

import functools
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.happened import HAPPENED
from pocketaws.shelf import Shelved
from pocketaws.shortages import broken
from pocketaws.step_functions.engine import machine
from pocketaws.step_functions.engine.documents import (
    json_text,
    nesting_problem,
    now,
    time_text,
)
from pocketaws.step_functions.engine.errors import RUNTIME, EndedFromOutside, StateError
from pocketaws.step_functions.engine.frames import EngineServices, Frame, Run
from pocketaws.step_functions.engine.history import MAX_EVENTS, WHOLE, Event, History, Pointer
from pocketaws.step_functions.engine.interrupts import Interrupt

RUNNING: Final = "RUNNING"
SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
TIMED_OUT: Final = "TIMED_OUT"
ABORTED: Final = "ABORTED"


@dataclass(frozen=True, slots=True)
class ExecutionPlan:
    """What an execution runs.

    Attributes:
        definition: the text.
        input: the text.
        express: whether it is an Express execution.
    """

    arn: str
    name: str
    machine_arn: str
    machine_name: str
    role_arn: str
    definition: str
    input: str
    express: bool = False
    version_arn: str | None = None
    alias_arn: str | None = None
    trace_header: str | None = None


@dataclass(frozen=True, slots=True)
class Watchers:
    """Who is told of an execution.

    Attributes:
        event: of each event of its history.
        status: when it has been started, and when it has ended.
    """

    event: Callable[["EngineExecution", Event], None]
    status: Callable[["EngineExecution"], None]


class EngineExecution:
    """One execution.

    Args:
        plan: what to run.
        services: what its tasks call.
        watchers: who is told of it.

    Attributes:
        status: how it stands.
        error: its name, where it failed.
    """

    def __init__(self, plan: ExecutionPlan, services: EngineServices, watchers: Watchers) -> None:
        self.plan = plan
        self.status = RUNNING
        self.start_date = now()
        self.stop_date: Any = None
        self.error: str | None = None
        self.cause: str | None = None
        self.redrive_count = 0
        self.redrive_date: Any = None
        self.ended = threading.Event()
        self.history = History(lambda event: watchers.event(self, event))
        self._definition = _parsed(plan.definition)
        self._services = services
        self._watchers = watchers
        self._pointer = Pointer()
        self._stopped: tuple[str, str | None, str | None] | None = None
        self._thread: threading.Thread | None = None
        self._checkpoints: Shelved | None = None
        self._lock = threading.Lock()
        self.run = self._new_run(Interrupt())

    @property
    def execution_arn(self) -> str:
        """Its ARN, as moto's answer to a start calls it."""
        return self.plan.arn

    @property
    def output(self) -> str | None:
        """Its output in JSON, where it succeeded; the last event of its history has it."""
        if self.status != SUCCEEDED:
            return None
        return str(self.history.events[-1]["executionSucceededEventDetails"]["output"])

    def _new_run(self, interrupt: Interrupt) -> Run:
        plan = self.plan
        execution = {
            "Id": plan.arn,
            "Input": json.loads(plan.input),
            "Name": plan.name,
            "RoleArn": plan.role_arn,
            "StartTime": time_text(self.start_date),
            "RedriveCount": self.redrive_count,
        }
        if self.redrive_date is not None:
            execution["RedriveTime"] = time_text(self.redrive_date)
        machine_told = {"Id": plan.machine_arn, "Name": plan.machine_name}
        return Run(execution, machine_told, plan.role_arn, self._services, interrupt)

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._watchers.status(self)
        started = {"input": self.plan.input, "inputDetails": WHOLE, "roleArn": self.plan.role_arn}
        if self.plan.version_arn is not None:
            started["stateMachineVersionArn"] = self.plan.version_arn
        if self.plan.alias_arn is not None:
            started["stateMachineAliasArn"] = self.plan.alias_arn
        self.history.add(self._pointer, "ExecutionStarted", started, moves=False)
        self._begin(redriven=False)

    def redrive(self) -> None:
        """Go on where it failed, in a thread of its own."""
        self.redrive_count += 1
        self.redrive_date = now()
        checkpoints = self._checkpoints.read() if self._checkpoints else {}
        map_runs = self.run.map_runs
        self.run = self._new_run(Interrupt())
        self.run.checkpoints, self.run.map_runs = checkpoints, map_runs
        self.status, self.stop_date, self._stopped = RUNNING, None, None
        self.error = self.cause = None
        self.ended = threading.Event()
        self._watchers.status(self)
        fields = {"redriveCount": self.redrive_count}
        self.history.add(self._pointer, "ExecutionRedriven", fields)
        self._begin(redriven=True)

    def why_not_redrivable(self) -> str | None:
        """Return why it cannot be redriven, or None where it can."""
        if self.plan.express:
            return "Redrive is not supported for EXPRESS executions"
        if self.status == RUNNING:
            return "Execution is RUNNING and cannot be redriven"
        if self.status == SUCCEEDED:
            return "Execution is SUCCEEDED and cannot be redriven"
        if len(self.history.events) >= MAX_EVENTS - 1:
            return "Execution has exceeded the maximum event count and cannot be redriven"
        return None

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """End it from outside; nothing where it has ended."""
        self._interrupt(ABORTED, error, cause)

    def join(self, seconds: float) -> None:
        """Wait for its thread's end."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _interrupt(self, status: str, error: str | None, cause: str | None) -> None:
        with self._lock:
            if self._stopped is not None or self.ended.is_set():
                return
            self._stopped = (status, error, cause)
        self.run.interrupt.set()
        # Whoever stopped it finds it stopped.
        self.ended.wait(1)

    def _begin(self, *, redriven: bool) -> None:
        self._thread = threading.Thread(target=self._work, args=(redriven,), daemon=True)
        self._thread.start()

    def _work(self, redriven: bool) -> None:
        timer = self._timer()
        frame = Frame(self.run, self.history, self._pointer, self.run.interrupt, redriven=redriven)
        try:
            output = json_text(machine.run(frame, self._definition, self.run.execution["Input"]))
        except EndedFromOutside:
            self._end_stopped()
        except StateError as error:
            self._end_failed(error)
        except RecursionError:
            self._end_failed(StateError(RUNTIME, nesting_problem("What a state works on")))
        except Exception as error:
            # Whatever is wrong in the runtime ends the execution, not only its thread.
            self._end_failed(StateError(RUNTIME, broken(error)))
        else:
            self._end(SUCCEEDED, "ExecutionSucceeded", {"output": output, "outputDetails": WHOLE})
        finally:
            if timer is not None:
                timer.cancel()
            self._thread = None

    def _timer(self) -> threading.Timer | None:
        seconds = self._definition.get("TimeoutSeconds")
        if seconds is None:
            return None
        timer = threading.Timer(seconds, self._interrupt, (TIMED_OUT, None, None))
        timer.daemon = True
        timer.start()
        return timer

    def _end_failed(self, error: StateError) -> None:
        self.error, self.cause = error.error or None, error.cause or None
        self._end(FAILED, "ExecutionFailed", error.details())

    def _end_stopped(self) -> None:
        status, self.error, self.cause = self._stopped or (ABORTED, None, None)
        told = StateError(self.error, self.cause).details()
        if status == TIMED_OUT:
            self._end(TIMED_OUT, "ExecutionTimedOut", told)
            return
        # It does not follow whatever was going on.
        self._pointer.source = 0
        self._end(ABORTED, "ExecutionAborted", told)

    def _end(self, status: str, kind: str, details: Mapping[str, Any]) -> None:
        with self._lock:
            self.stop_date = now()
            self.history.add(self._pointer, kind, details)
            self._shelve_checkpoints(status)
            self.status = status
            # Whoever waits has the one that is set; who comes later finds another that is.
            self.ended.set()
            self.ended = HAPPENED
        self._watchers.status(self)
        self.history.shelve()

    def _shelve_checkpoints(self, status: str) -> None:
        # Nobody goes on where an execution has succeeded.
        goes_on = status != SUCCEEDED and not self.plan.express
        self._checkpoints = Shelved(dict(self.run.checkpoints)) if goes_on else None
        self.run.checkpoints = {}


@functools.lru_cache(maxsize=64)
def _parsed(definition: str) -> Any:
    """Return a definition, which every execution of it reads and none changes."""
    return json.loads(definition)
