"""The distributed Map state: items from S3, child executions, tolerated failures.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from pocketaws.step_functions.engine import item_readers, map_items, result_writers
from pocketaws.step_functions.engine.branches import together
from pocketaws.step_functions.engine.documents import json_text, now, time_text
from pocketaws.step_functions.engine.errors import TOO_MANY_FAILED, EndedFromOutside, StateError
from pocketaws.step_functions.engine.frames import Frame
from pocketaws.step_functions.engine.history import History, Pointer
from pocketaws.step_functions.engine.interrupts import Interrupt
from pocketaws.step_functions.engine.map_runs import ChildExecution, MapRun
from pocketaws.step_functions.engine.visits import Visit

RunStates = Callable[..., Any]
# Children are threads here; AWS runs up to 10,000 beside one another.
_AT_ONCE: Final = 40
_DEFAULT_BYTES: Final = 256 * 1024


def results(visit: Visit, run: RunStates) -> Any:
    """Run a child execution for each item or batch; their outputs are the result."""
    frame = visit.frame
    reads = "ItemReader" in visit.state
    values = [] if reads else map_items.items(visit)
    frame.add("MapStateStarted", {"length": len(values)})
    record = _new_run(visit)
    frame.run.map_runs.append(record)
    frame.add("MapRunStarted", {"mapRunArn": record.arn})
    try:
        outputs = _outputs(visit, run, record, item_readers.items(visit) if reads else values)
    except StateError as error:
        record.end("FAILED")
        frame.add("MapRunFailed", error.details())
        raise
    except EndedFromOutside:
        record.end("ABORTED")
        raise
    result = result_writers.written(visit, record, outputs)
    record.end("SUCCEEDED")
    frame.add("MapRunSucceeded")
    frame.add("MapStateSucceeded", moves=False)
    return result


def _new_run(visit: Visit) -> MapRun:
    effective = visit.effective_input()
    return MapRun.named(
        visit.frame.run.machine["Id"],
        visit.state.get("Label"),
        execution_arn=visit.frame.run.execution["Id"],
        max_concurrency=visit.number("MaxConcurrency", default=0, data=effective),
        tolerated_failure_count=visit.number("ToleratedFailureCount", default=0, data=effective),
        tolerated_failure_percentage=visit.number(
            "ToleratedFailurePercentage", default=0, data=effective
        ),
    )


def _outputs(visit: Visit, run: RunStates, record: MapRun, values: Sequence[Any]) -> list[Any]:
    frame = visit.frame
    record.items = len(values)
    chosen = [
        map_items.selected(visit, _looking(frame, place, value), value)
        for place, value in enumerate(values)
    ]
    batches = _batched(visit, chosen)
    record.total = len(batches)
    children = _Children(visit, run, record, Interrupt(frame.interrupt))
    works = [partial(children.do, place, *batch) for place, batch in enumerate(batches)]
    at_once = min(record.max_concurrency or _AT_ONCE, _AT_ONCE)
    together(frame, works, children.ending, at_once=at_once)
    done = sorted(record.children, key=lambda child: child.place)
    return [child.output for child in done if child.status == "SUCCEEDED"]


def _looking(frame: Frame, place: int, value: Any) -> Frame:
    """Return a frame in which an item can be looked at."""
    return replace(frame, item=map_items.item_context(place, value))


def _batched(visit: Visit, values: Sequence[Any]) -> list[tuple[Any, int]]:
    """Return the children's inputs, each with the number of its items."""
    if "ItemBatcher" not in visit.state:
        return [(value, 1) for value in values]
    batcher = visit.filled("ItemBatcher", visit.effective_input())
    shared = {"BatchInput": batcher["BatchInput"]} if "BatchInput" in batcher else {}
    most = batcher.get("MaxItemsPerBatch") or len(values) or 1
    most_bytes = batcher.get("MaxInputBytesPerBatch") or _DEFAULT_BYTES
    batches: list[list[Any]] = []
    size = 0
    for value in values:
        length = len(json_text(value).encode())
        if not batches or len(batches[-1]) >= most or size + length > most_bytes:
            batches.append([])
            size = 0
        batches[-1].append(value)
        size += length
    return [({**shared, "Items": batch}, len(batch)) for batch in batches]


@dataclass(frozen=True)
class _Children:
    """The child executions of one Map Run."""

    visit: Visit
    run: RunStates
    record: MapRun
    ending: Interrupt

    def do(self, place: int, value: Any, count: int) -> None:
        """Run one child; it fails the state only where too many have failed."""
        frame, execution = self._frame(place, value)
        begun = now()
        output, error, status = None, {}, "SUCCEEDED"
        state = self.visit.state
        processor = state.get("ItemProcessor") or state["Iterator"]
        try:
            output = self.run(frame, processor, value, language=self.visit.language)
        except StateError as failure:
            error, status = failure.output(), "FAILED"
        child = ChildExecution(
            arn=execution["Id"],
            name=execution["Name"],
            status=status,
            input=value,
            output=output,
            items=count,
            started=begun,
            stopped=now(),
            error=error,
            place=place,
        )
        self.record.children.append(child)
        if self.record.fails():
            cause = "The specified tolerated failure threshold was exceeded"
            raise StateError(TOO_MANY_FAILED, cause)

    def _frame(self, place: int, value: Any) -> tuple[Frame, Mapping[str, Any]]:
        above = self.visit.frame
        name = str(uuid.uuid4())
        machine_arn = self.record.state_machine_arn
        execution = {
            **above.run.execution,
            "Id": f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}",
            "Name": name,
            "Input": value,
            "StartTime": time_text(now()),
        }
        child_run = replace(above.run, execution=execution)
        frame = above.below(self.visit.name, place, interrupt=self.ending)
        # A child has a history of its own, and sees no variable from outside:
        # https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
        history = History(lambda _: None)
        child = replace(frame, run=child_run, history=history, pointer=Pointer(), variables={})
        return child, execution
