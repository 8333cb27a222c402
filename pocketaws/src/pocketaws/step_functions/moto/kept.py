"""An execution of this process's own, looked at where the engine keeps it.

As the API tells of it, which a test holds: following an execution through the API takes this
process longer than running it.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import Shape
from botocore.utils import get_tzinfo_options
from moto.stepfunctions.models import stepfunctions_backends

from pocketaws.service_models import service_model
from pocketaws.step_functions.engine import descriptions, shapes
from pocketaws.step_functions.engine.execution import RUNNING, EngineExecution
from pocketaws.step_functions.execution import Execution, execution_of
from pocketaws.step_functions.following import Asked, Look


def look_at(execution_arn: str, step_functions: Any) -> Look:
    """Return what looks at an execution; one that there is not is asked for.

    Args:
        execution_arn: of the execution.
        step_functions: a client, which says what it is that is not there.
    """
    for account in list(stepfunctions_backends.values()):
        for backend in list(account.values()):
            for machine in list(backend.state_machines):
                for execution in list(machine.executions):
                    if execution.plan.arn == execution_arn:
                        return KeptExecution(execution)
    return Asked(step_functions, execution_arn)


class KeptExecution:
    """Looks at an execution of the engine.

    Args:
        execution: to look at.
    """

    def __init__(self, execution: EngineExecution) -> None:
        self._execution = execution

    def has_ended(self) -> bool:
        """Look whether it has ended."""
        return self._execution.status != RUNNING

    def execution(self) -> Execution:
        """Return how it stands."""
        described = descriptions.described(self._execution)
        return execution_of(_told(described, _shape("DescribeExecutionOutput")))

    def events_after(self, seen: int) -> Iterator[Mapping[str, Any]]:
        """Return the events of its history after the one of that number, in order."""
        shape = _shape("HistoryEvent")
        return (_told(event, shape) for event in self._execution.history.after(seen))


def _told(value: Mapping[str, Any], shape: Shape) -> Any:
    """Return what botocore makes of an answer with these fields."""
    # In the time zone in which it reads times.
    zone = get_tzinfo_options()[0]()
    return shapes.answer(
        dict(value), shape, named=str, time_told=lambda time: time.astimezone(zone)
    )


@functools.cache
def _shape(name: str) -> Shape:
    return service_model("stepfunctions").shape_for(name)
