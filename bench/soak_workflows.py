"""Executions of the whole workflow in one runtime, with their jobs, functions and messages."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from soak_growth import growth
from soak_rows import Row

from pocketaws import Warmup, isolated, lines
from workflow.laptop.stack import OwnWorkflow, deployed

_SAMPLE: Final = Path(__file__).resolve().parents[1] / "data" / "abalone-sample.csv"
# What every runtime builds up at first: clients, caches, a pool of threads.
_FIRST: Final = 50
_AT_ONCE: Final = 3
# A model that is worse than the one before is rejected, which is an outcome, not a fault.
_ENDS: Final = {("SUCCEEDED", None), ("FAILED", "ModelRejected")}


def whole_workflows(*, executions: int) -> Iterator[Row]:
    """Yield a row for everything that is looked at.

    Args:
        executions: how many, after fifty that are not looked at.
    """
    with contextlib.ExitStack() as exits:
        exits.enter_context(contextlib.redirect_stdout(sys.stderr))
        warmup = Warmup()
        exits.callback(warmup.stop)
        exits.enter_context(isolated())
        workflow = exits.enter_context(
            deployed(warmup, lines(), stack_name="soak", region="us-east-1")
        )
        workflow.put_sample(_SAMPLE)
        _run(workflow, _FIRST)
        rows = list(growth(partial(_run, workflow), executions, "an execution of the workflow"))
    yield from rows


def _run(workflow: OwnWorkflow, count: int) -> None:
    state_machine_arn = workflow.stack.outputs["StateMachineArn"]

    def run(_: int) -> tuple[str, str | None]:
        ended = workflow.runtime.run(state_machine_arn, {})
        return ended.status, ended.error or None

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        ends = set(threads.map(run, range(count)))
    assert ends <= _ENDS, ends
