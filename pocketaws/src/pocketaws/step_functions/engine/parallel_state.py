"""The Parallel state: branches beside one another, each with the same input."""

from collections.abc import Callable
from functools import partial
from typing import Any

from pocketaws.step_functions.engine.branches import together
from pocketaws.step_functions.engine.interrupts import Interrupt
from pocketaws.step_functions.engine.retries import guarded
from pocketaws.step_functions.engine.visits import Outcome, Visit

RunStates = Callable[..., Any]


def do_parallel(visit: Visit, run: RunStates) -> Outcome:
    """Run all branches; their outputs are the result.

    Args:
        visit: of the state.
        run: runs the states of a branch.
    """

    def failed() -> None:
        visit.frame.add("ParallelStateFailed")

    return guarded(visit, lambda: _results(visit, run), failed=failed)


def _results(visit: Visit, run: RunStates) -> list[Any]:
    frame = visit.frame
    value = _branch_input(visit)
    frame.add("ParallelStateStarted")
    ending = Interrupt(frame.interrupt)
    branches = visit.state["Branches"]
    frames = [frame.below(visit.name, place, interrupt=ending) for place in range(len(branches))]
    works = [
        partial(run, below, branch, value, language=visit.language)
        for below, branch in zip(frames, branches, strict=True)
    ]
    try:
        results = together(frame, works, ending)
    finally:
        frame.pointer.joined([below.pointer for below in frames])
    frame.add("ParallelStateSucceeded", moves=False)
    return results


def _branch_input(visit: Visit) -> Any:
    effective = visit.effective_input()
    field = "Arguments" if visit.is_jsonata else "Parameters"
    return visit.filled(field, effective) if field in visit.state else effective
