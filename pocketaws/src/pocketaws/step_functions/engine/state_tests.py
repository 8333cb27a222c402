"""TestState: one state is run by itself, with its call or with a mock of it.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pocketaws.partitions import partition_of
from pocketaws.step_functions.engine import machine
from pocketaws.step_functions.engine.documents import json_text, now, time_text
from pocketaws.step_functions.engine.errors import EndedFromOutside, StateError
from pocketaws.step_functions.engine.frames import EngineServices, Frame, Run
from pocketaws.step_functions.engine.history import History, Pointer
from pocketaws.step_functions.engine.interrupts import Interrupt
from pocketaws.step_functions.engine.retries import Retries, matches
from pocketaws.step_functions.engine.visits import JSONATA, JSONPATH, Visit

_NAME: Final = "TestState"
_ACCOUNT_ID: Final = "123456789012"


@dataclass(frozen=True)
class Mock:
    """What a task, Map or Parallel state does instead of its work.

    Attributes:
        result: of the work, JSON; None where it fails.
        error: its name, where it fails.
        cause: of the failure.
    """

    result: str | None = None
    error: str | None = None
    cause: str | None = None

    def answer(self, _: Visit) -> Any:
        """Return the result, or fail."""
        if self.error is not None or self.result is None:
            raise StateError(self.error, self.cause)
        return json.loads(self.result)


@dataclass(frozen=True)
class Trial:
    """What is to be tested.

    Attributes:
        state: its definition.
        language: of the definition that it is part of.
        input: of the state.
        variables: that it can see.
        context: parts of the context object that it is to see.
        retry_count: how often it has been tried already.
        reveals: which steps of the data are told: INFO, DEBUG or TRACE.
    """

    name: str
    state: Mapping[str, Any]
    input: Any
    role_arn: str
    language: str = JSONPATH
    variables: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    mock: Mock | None = None
    retry_count: int = 0
    reveals: str = "INFO"


def chosen(definition: Mapping[str, Any], name: str | None) -> tuple[str, Mapping[str, Any], str]:
    """Return a state of a definition, its name, and the language that it is in.

    Args:
        definition: of one state, or of a whole machine.
        name: of the state, where it is a whole machine's.

    Raises:
        ValueError: there is no such state.
    """
    language = definition.get("QueryLanguage", JSONPATH)
    if "States" not in definition:
        return name or _NAME, definition, language
    found = dict(_all(definition))
    if name is None or name not in found:
        raise ValueError(f"State '{name}' is not in the definition; stateName must name one")
    return name, found[name], language


def _all(definition: Mapping[str, Any]) -> Any:
    for name, state in definition["States"].items():
        yield name, state
        for key in ("ItemProcessor", "Iterator"):
            yield from _all(state[key]) if key in state else ()
        for branch in state.get("Branches", ()):
            yield from _all(branch)


def result(trial: Trial, services: EngineServices) -> dict[str, Any]:
    """Run a state once and return what TestState answers."""
    fields: dict[str, Any] = {}
    # What it would do about a failure is told, not done.
    once = {key: value for key, value in trial.state.items() if key not in {"Retry", "Catch"}}
    frame = _frame(trial, services)
    inspected = _inspected(trial, frame)
    try:
        outcome = machine.visited(frame, trial.name, once, trial.input, language=trial.language)
    except StateError as error:
        fields = _failed(trial, frame, error)
    except EndedFromOutside:
        fields = {"status": "FAILED"}
    else:
        fields = {"status": "SUCCEEDED", "output": json_text(outcome.output)}
        if outcome.next is not None:
            fields["nextState"] = outcome.next
        if outcome.assigned:
            inspected["variables"] = json_text(dict(outcome.assigned))
    if trial.reveals != "INFO":
        fields["inspectionData"] = {**inspected, **fields.pop("inspectionData", {})}
    return fields


def _frame(trial: Trial, services: EngineServices) -> Frame:
    region = services.region
    arn = f"arn:{partition_of(region)}:states:{region}:{_ACCOUNT_ID}"
    execution = {
        "Id": f"{arn}:execution:{_NAME}:{_NAME}",
        "Input": trial.input,
        "Name": _NAME,
        "RoleArn": trial.role_arn,
        "StartTime": time_text(now()),
        **trial.context.get("Execution", {}),
    }
    state_machine = {
        "Id": f"{arn}:stateMachine:{_NAME}",
        "Name": _NAME,
        **trial.context.get("StateMachine", {}),
    }
    interrupt = Interrupt()
    mock = None if trial.mock is None else trial.mock.answer
    run = Run(execution, state_machine, trial.role_arn, services, interrupt, mock=mock)
    item = trial.context.get("Map")
    history = History(lambda _: None)
    return Frame(run, history, Pointer(), interrupt, variables=trial.variables, item=item)


def _failed(trial: Trial, frame: Frame, error: StateError) -> dict[str, Any]:
    """Say what the state would do about a failure: try again, catch it or fail."""
    fields = {"error": error.error or "", "cause": error.cause or ""}
    retriers = trial.state.get("Retry", ())
    for place, retrier in enumerate(retriers):
        if matches(retrier["ErrorEquals"], error):
            counts = [trial.retry_count if place == index else 0 for index in range(len(retriers))]
            seconds = Retries(retriers, counts).wait_seconds(error)
            if seconds is not None:
                details = {"retryIndex": place, "retryBackoffIntervalSeconds": int(seconds)}
                return {
                    "status": "RETRIABLE",
                    **fields,
                    "inspectionData": {"errorDetails": details},
                }
            break
    for place, catcher in enumerate(trial.state.get("Catch", ())):
        if matches(catcher["ErrorEquals"], error):
            return _caught(trial, frame, catcher, error) | {
                "inspectionData": {"errorDetails": {"catchIndex": place}}
            }
    return {"status": "FAILED", **fields}


def _caught(
    trial: Trial, frame: Frame, catcher: Mapping[str, Any], error: StateError
) -> dict[str, Any]:
    visit = Visit(frame, trial.name, trial.state, trial.input, language=trial.language)
    outcome = visit.caught(catcher, error)
    return {
        "status": "CAUGHT_ERROR",
        "output": json_text(outcome.output),
        "error": error.error or "",
        "cause": error.cause or "",
        "nextState": catcher["Next"],
    }


def _inspected(trial: Trial, frame: Frame) -> dict[str, Any]:
    """Return the steps of the data, as far as they can be told before the work."""
    visit = Visit(frame, trial.name, trial.state, trial.input, language=trial.language)
    visit.retry_count = trial.retry_count
    steps: dict[str, Any] = {"input": json_text(trial.input)}
    try:
        effective = visit.effective_input()
        if trial.language != JSONATA:
            steps["afterInputPath"] = json_text(effective)
            if "Parameters" in trial.state and trial.state["Type"] != "Map":
                steps["afterParameters"] = json_text(visit.filled("Parameters", effective))
        elif "Arguments" in trial.state:
            steps["afterArguments"] = json_text(visit.filled("Arguments"))
    except StateError:
        # The run itself tells of it.
        return steps
    if trial.mock is not None and trial.mock.result is not None:
        steps |= _after_the_work(visit, json.loads(trial.mock.result))
    return steps


def _after_the_work(visit: Visit, work: Any) -> dict[str, Any]:
    steps = {"result": json_text(work)}
    if visit.is_jsonata:
        return steps
    if "ResultSelector" in visit.state:
        steps["afterResultSelector"] = json_text(visit.filled("ResultSelector", work))
    without = {key: value for key, value in visit.state.items() if key != "OutputPath"}
    whole = Visit(visit.frame, visit.name, without, visit.input, language=visit.language)
    steps["afterResultPath"] = json_text(whole.finish(work).output)
    return steps
