"""Many executions whose reports no test reads: to write one takes as long as several states."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime

_RULE: Final = "WriteReportFunctionExecutionEnded"


@contextmanager
def unreported(runtime: LocalRuntime, stack: Stack) -> Iterator[None]:
    """Have the stack write no reports of executions that end within the context."""
    events, name = runtime.client("events"), stack.resources[_RULE]
    events.disable_rule(Name=name)
    try:
        yield
    finally:
        events.enable_rule(Name=name)
