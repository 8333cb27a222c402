"""The Map state: the same states for each item, inline or distributed."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from pocketaws.step_functions.engine import distributed_map
from pocketaws.step_functions.engine.branches import together
from pocketaws.step_functions.engine.errors import EndedFromOutside, StateError
from pocketaws.step_functions.engine.frames import Frame
from pocketaws.step_functions.engine.interrupts import Interrupt
from pocketaws.step_functions.engine.map_items import item_context, items, selected
from pocketaws.step_functions.engine.retries import guarded
from pocketaws.step_functions.engine.visits import Outcome, Visit

RunStates = Callable[..., Any]
# https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
_INLINE_AT_ONCE: Final = 40


def do_map(visit: Visit, run: RunStates) -> Outcome:
    """Run the item processor for each item; the outputs are the result.

    Args:
        visit: of the state.
        run: runs the states of an item.
    """

    def failed() -> None:
        visit.frame.add("MapStateFailed")

    return guarded(visit, lambda: _results(visit, run), failed=failed)


def _results(visit: Visit, run: RunStates) -> Any:
    processor = visit.state.get("ItemProcessor") or visit.state["Iterator"]
    if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        return distributed_map.results(visit, run)
    values = items(visit)
    frame = visit.frame
    frame.add("MapStateStarted", {"length": len(values)})
    effective = visit.effective_input()
    at_once = visit.number("MaxConcurrency", default=0, data=effective) or _INLINE_AT_ONCE
    ending = Interrupt(frame.interrupt)
    frames = [
        frame.below(visit.name, place, interrupt=ending, item=item_context(place, value))
        for place, value in enumerate(values)
    ]
    works = [
        partial(_iteration, visit, run, below, value)
        for below, value in zip(frames, values, strict=True)
    ]
    try:
        outputs = together(frame, works, ending, at_once=at_once)
    finally:
        frame.pointer.joined([below.pointer for below in frames])
    frame.add("MapStateSucceeded", moves=False)
    return outputs


def _iteration(visit: Visit, run: RunStates, frame: Frame, value: Any) -> Any:
    fields = {"name": visit.name, "index": frame.key[-1]}
    if not (frame.redriven and _was_done(frame)):
        frame.add("MapIterationStarted", fields)
    try:
        processor = visit.state.get("ItemProcessor") or visit.state["Iterator"]
        output = run(frame, processor, selected(visit, frame, value), language=visit.language)
    except EndedFromOutside:
        if not frame.run.interrupt.is_set:
            frame.add("MapIterationAborted", fields, moves=False)
        raise
    except StateError:
        frame.add("MapIterationFailed", fields, moves=False)
        raise
    frame.add("MapIterationSucceeded", fields, moves=False)
    return output


def _was_done(frame: Frame) -> bool:
    checkpoint = frame.run.checkpoints.get(frame.key)
    return checkpoint is not None and checkpoint.done
