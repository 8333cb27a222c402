"""Step Functions: moto keeps state machines and their names; what they do is done here.

moto's own engine is not used: `pocketaws.step_functions.engine` runs executions, since what that
engine would have to be changed in is most of it.
"""

import itertools
import time
from collections.abc import Callable
from typing import Any, Final

from botocore.config import Config

from pocketaws.change import Change
from pocketaws.events.moto.events import raise_event
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.sagemaker.jobs.jobs import Jobs
from pocketaws.step_functions.engine import status_events
from pocketaws.step_functions.engine.execution import RUNNING, EngineExecution, Watchers
from pocketaws.step_functions.engine.history import Event
from pocketaws.step_functions.engine.sagemaker_jobs import JobWaiter
from pocketaws.step_functions.engine.service_calls import ServiceCalls
from pocketaws.step_functions.moto import (
    activities,
    definition_calls,
    execution_logs,
    executions,
    map_runs,
    state_machines,
    tags,
    task_tokens,
)
from pocketaws.step_functions.pulse import Pulse

# As long as an execution may take.
_TASK_SECONDS: Final = 99_999_999
# Of the clients that tasks call with: what is retried, the definition says.
ENGINE_CONFIG: Final = Config(
    parameter_validation=False,
    retries={"total_max_attempts": 1},
    connect_timeout=_TASK_SECONDS,
    read_timeout=_TASK_SECONDS,
    max_pool_connections=50,
)


class Engine:
    """Runs the executions of one runtime.

    Args:
        jobs: do SageMaker's jobs.
        pulse: beats at every event of an execution's history.
        roles: as which tasks call.
        region: of the account.
        expect: has a function made ready, by its ARN or its name.
    """

    def __init__(
        self,
        jobs: Jobs,
        pulse: Pulse,
        roles: AssumedRoles,
        *,
        region: str,
        expect: Callable[[str], None],
    ) -> None:
        self._pulse = pulse
        self.services = ServiceCalls(
            roles, region=region, wait_for_sagemaker=JobWaiter(jobs), expect=expect
        )
        self.roles = roles
        self._running: set[EngineExecution] = set()
        self.logs = execution_logs.Logs()

    @property
    def watchers(self) -> Watchers:
        """Who is told of executions."""
        return Watchers(self._event, self._status)

    def _event(self, execution: EngineExecution, event: Event) -> None:
        self.logs.write(execution, event)
        self._pulse.beat()

    def _status(self, execution: EngineExecution) -> None:
        self._pulse.beat()
        if execution.status == RUNNING:
            self._running.add(execution)
        else:
            self._running.discard(execution)
        if execution.plan.express:
            return
        raise_event(
            status_events.DETAIL_TYPE,
            status_events.detail(execution),
            source="aws.states",
            resource_arn=execution.plan.arn,
        )

    def join(self, *, timeout_seconds: float) -> None:
        """Stop what still runs, and wait for its end."""
        deadline = time.monotonic() + timeout_seconds
        running = list(self._running)
        for execution in running:
            execution.stop()
        for execution in running:
            execution.join(max(0, deadline - time.monotonic()))


def changes(engine: Engine) -> list[Change]:
    """Return what to change in moto's Step Functions."""
    parts: list[list[Any]] = [
        state_machines.changes(engine.roles),
        executions.changes(engine),
        definition_calls.changes(engine),
        task_tokens.changes(engine.services.tokens),
        activities.changes(engine.services.activities),
        map_runs.changes(),
        tags.changes(),
    ]
    return list(itertools.chain.from_iterable(parts))
