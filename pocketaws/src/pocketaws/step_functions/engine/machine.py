"""Runs a state machine, or the part of one that a branch or an item runs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from pocketaws.step_functions.engine import map_state, parallel_state, states, tasks
from pocketaws.step_functions.engine.documents import (
    json_text,
    nested_too_deeply,
    nesting_problem,
    too_large,
)
from pocketaws.step_functions.engine.errors import (
    DATA_LIMIT,
    EndedFromOutside,
    StateError,
    runtime_error,
)
from pocketaws.step_functions.engine.frames import Checkpoint, Frame
from pocketaws.step_functions.engine.history import WHOLE
from pocketaws.step_functions.engine.retries import tell
from pocketaws.step_functions.engine.upcoming import functions_after
from pocketaws.step_functions.engine.visits import JSONPATH, Outcome, Visit

Definition = Mapping[str, Any]
# States that take time.
_ABORTABLE: Final = ("Task", "Wait", "Parallel", "Map")


def run(frame: Frame, definition: Definition, value: Any, *, language: str = JSONPATH) -> Any:
    """Run states one after another and return the output of the last.

    Args:
        frame: of the execution, the branch or the item.
        definition: with StartAt and States.
        value: the first state's input.
        language: of what the definition is part of.

    Raises:
        StateError: a state failed for good.
        Ended: the frame was ended from outside.
    """
    language = definition.get("QueryLanguage", language)
    name: str | None = definition["StartAt"]
    checkpoint = frame.run.checkpoints.get(frame.key) if frame.redriven else None
    if checkpoint is not None:
        if checkpoint.done:
            return checkpoint.output
        name, value, frame.variables = checkpoint.state_name, checkpoint.input, checkpoint.variables
    while name is not None:
        frame.interrupt.check()
        frame.run.checkpoints[frame.key] = checkpoint = Checkpoint(name, value, frame.variables)
        _expect_after(frame, definition["States"], name, value)
        outcome = visited(frame, name, definition["States"][name], value, language=language)
        value, name = outcome.output, outcome.next
        frame.redriven = False
    if checkpoint is not None:
        frame.run.checkpoints[frame.key] = replace(checkpoint, done=True, output=value)
    return value


def _expect_after(frame: Frame, states: Mapping[str, Any], name: str, value: Any) -> None:
    """Tell which functions may be called after a task, while it is done; not for each item."""
    if states[name]["Type"] == "Task" and frame.item is None:
        for function in functions_after(states, name, {**frame.variables, "$": value}):
            frame.run.services.expect(function)


def visited(
    frame: Frame, name: str, state: Mapping[str, Any], value: Any, *, language: str
) -> Outcome:
    """Run one state; raises as `run` does."""
    kind = state["Type"]
    visit = Visit(frame, name, state, value, language=state.get("QueryLanguage", language))
    if frame.redriven:
        # It has been entered, and has not been left.
        visit.entered_id = frame.pointer.source
    else:
        entered = {"name": name, "input": json_text(value), "inputDetails": WHOLE}
        visit.entered_id = frame.add(f"{kind}StateEntered", entered)
    try:
        outcome = _DO[kind](visit)
        left = _left(visit, outcome)
    except StateError as error:
        tell(visit, error)
        raise
    except EndedFromOutside:
        if kind in _ABORTABLE and not frame.run.interrupt.is_set:
            frame.add(f"{kind}StateAborted")
        raise
    frame.add(f"{kind}StateExited", left)
    frame.variables = {**frame.variables, **outcome.assigned}
    return outcome


def _left(visit: Visit, outcome: Outcome) -> dict[str, Any]:
    output = json_text(outcome.output)
    if too_large(output):
        cause = (
            f"The state/task '{visit.name}' returned a result with a size exceeding the maximum "
            "number of bytes service limit."
        )
        raise StateError(DATA_LIMIT, cause)
    if nested_too_deeply(output):
        raise runtime_error(nesting_problem("The state's output"))
    left: dict[str, Any] = {"name": visit.name, "output": output, "outputDetails": WHOLE}
    if outcome.assigned:
        left["assignedVariables"] = {
            name: json_text(value) for name, value in outcome.assigned.items()
        }
        left["assignedVariablesDetails"] = WHOLE
    return left


_DO: Final[Mapping[str, Callable[[Visit], Outcome]]] = {
    "Pass": states.do_pass,
    "Choice": states.do_choice,
    "Wait": states.do_wait,
    "Succeed": states.do_succeed,
    "Fail": states.do_fail,
    "Task": tasks.do_task,
    "Parallel": lambda visit: parallel_state.do_parallel(visit, run),
    "Map": lambda visit: map_state.do_map(visit, run),
}
