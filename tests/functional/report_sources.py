"""What a record must say of an execution, read anew from what Step Functions and SageMaker keep.

Nothing here uses workflow/report; a list of differences is empty where a record is right.
"""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from tests.pages import read_all
from tests.unit.modules import load
from workflow.report.record import Record

_ENDS: Final = ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")
# The states of functions/prepare_execution's settings that run.json tells by other names.
_NOT_SETTINGS: Final = ("problem", "features", "started_by", "hyperparameters", "gate_threshold")
_KINDS: Final = ("Processing", "Training", "HyperParameterTuning", "Transform")


@dataclass
class _Entered:
    name: str
    entered: datetime.datetime
    left: datetime.datetime | None = None
    scheduled: int = 0
    errors: list[str] = field(default_factory=list)
    job_names: list[str] = field(default_factory=list)


def history_of(runtime: LocalRuntime, arn: str) -> list[Mapping[str, Any]]:
    """Return all events of an execution."""
    whole = read_all(runtime.client("stepfunctions"), "get_execution_history", executionArn=arn)
    events: list[Mapping[str, Any]] = whole["events"]
    return events


def differences(runtime: LocalRuntime, record: Record) -> list[str]:
    """Compare all that a record says of times, states, attempts, errors and jobs.

    For executions of definitions without Map and Parallel, of which one state runs at a time.
    """
    arn = record.summary.arn
    described = runtime.client("stepfunctions").describe_execution(executionArn=arn)
    entered = _entered(history_of(runtime, arn))
    return [
        *_of_summary(record, described),
        *_of_states(record, entered),
        *_of_jobs(runtime, record, [name for state in entered for name in state.job_names]),
    ]


def expected_settings(
    runtime: LocalRuntime, stack: Stack, given: Mapping[str, Any]
) -> dict[str, tuple[Any, str]]:
    """Return each setting's value and source, from the input and the function's environment."""
    prepare = load("prepare_execution")
    name = stack.resources["PrepareExecutionFunction"]
    configuration = runtime.client("lambda").get_function_configuration(FunctionName=name)
    defaults = prepare.stack_defaults.stack_defaults(configuration["Environment"]["Variables"])
    settings = dict(vars(prepare.execution_input.parse_execution_input(given, defaults=defaults)))
    fixed = prepare.stack_defaults.stack_defaults({"EXECUTION_DEFAULTS": "{}"})

    def source(name: str) -> str:
        return "input" if name in given else "default" if name in fixed else "stack"

    own = given.get("hyperparameters", {})
    # What stands only beside what was asked for.
    unused = [] if settings["training_use_spot"] else ["training_max_wait_seconds"]
    unused += [] if settings["batch_data_uri"] else [n for n in settings if n.startswith("batch_")]
    for unused_name in unused:
        del settings[unused_name]
    return {
        **{
            name: (value, source(name))
            for name, value in settings.items()
            if name not in _NOT_SETTINGS and value not in (None, {})
        },
        "gate_metric": (settings["gate_metric"], "stack or default"),
        "gate_threshold": (settings["max_mse"], "max_mse"),
        **{
            f"hyperparameters.{name}": (value, "input" if name in own else "default")
            for name, value in settings["hyperparameters"].items()
        },
    }


def _entered(events: Sequence[Mapping[str, Any]]) -> list[_Entered]:
    states: list[_Entered] = []
    for event in events:
        kind, when = event["type"], event["timestamp"]
        if kind.endswith("StateEntered"):
            states.append(_Entered(event["stateEnteredEventDetails"]["name"], when))
        elif kind.endswith("StateExited"):
            states[-1].left = when
        elif kind.endswith("Scheduled"):
            details = event.get("taskScheduledEventDetails", {})
            parameters = json.loads(details.get("parameters", "{}"))
            names = (parameters.get(f"{kind}JobName") for kind in _KINDS)
            states[-1].scheduled += 1
            states[-1].job_names += [name for name in names if name]
        elif kind.endswith(("TaskFailed", "TaskTimedOut", "FunctionFailed", "FunctionTimedOut")):
            (details,) = (value for name, value in event.items() if name.endswith("EventDetails"))
            states[-1].errors.append(details["error"])
        elif kind in _ENDS:
            states[-1].left = states[-1].left or when
        elif kind == "ExecutionRedriven":
            states[-1].left = None
    return states


def _of_summary(record: Record, described: Mapping[str, Any]) -> Iterator[str]:
    told, end = record.summary, described.get("stopDate")
    expected = {
        "name": described["name"],
        "state_machine_arn": described["stateMachineArn"],
        "status": described["status"],
        "error": described.get("error"),
        "started_at": described["startDate"],
        "ended_at": end,
        "redrives": described["redriveCount"],
        "redriven_at": described.get("redriveDate"),
    }
    for name, value in expected.items():
        shown = getattr(told, name)
        if not _equal(shown, value):
            yield f"{name} is {shown!r}, and not {value!r}"
    if end and abs(told.seconds - (end - described["startDate"]).total_seconds()) > _MOMENT:
        yield f"it is said to have taken {told.seconds} s"


def _of_states(record: Record, entered: Sequence[_Entered]) -> Iterator[str]:
    names = [state.name for state in record.states]
    if names != [state.name for state in entered]:
        yield f"the states are {names}"
        return
    for told, real in zip(record.states, entered, strict=True):
        if not (_equal(told.entered_at, real.entered) and _equal(told.left_at, real.left)):
            yield f"{told.name} is from {told.entered_at} to {told.left_at}, not as in {real}"
        if real.left and abs(told.seconds - (real.left - real.entered).total_seconds()) > _MOMENT:
            yield f"{told.name} is said to have taken {told.seconds} s, not as in {real}"
        if len(told.attempts) != real.scheduled:
            yield f"{told.name} has {len(told.attempts)} attempts, not {real.scheduled}"
        errors = [attempt.error for attempt in told.attempts if attempt.error]
        if errors != real.errors:
            yield f"{told.name} failed with {errors}, and not with {real.errors}"


def _of_jobs(runtime: LocalRuntime, record: Record, names: Sequence[str]) -> Iterator[str]:
    if [job.name for job in record.jobs] != list(names):
        yield f"the jobs are {[job.name for job in record.jobs]}, and not {names}"
        return
    by_name = {job.name: job for job in runtime.jobs}
    for told in record.jobs:
        real = by_name.get(told.name)
        if real is None:
            yield f"there is no job {told.name}"
            continue
        if told.status not in ("Completed", "Failed"):
            continue
        if told.seconds is None:
            yield f"how long {told.name} took is not told"
            continue
        end = real.details[f"{real.kind}EndTime"]
        # A tuning job begins when it is made.
        start = real.details.get(f"{real.kind}StartTime", real.created)
        is_told = abs(told.seconds - (end - start).total_seconds()) <= _MOMENT
        if told.status != real.status or not is_told:
            yield f"{told.name}: {told.status} after {told.seconds} s, not as {real.details}"


# SageMaker's times in a task's output have milliseconds.
_MOMENT: Final = 0.002


def _equal(told: Any, real: Any) -> bool:
    if not isinstance(real, datetime.datetime):
        return bool(told == real)
    if told is None:
        return False
    difference = datetime.datetime.fromisoformat(told) - real
    return abs(difference.total_seconds()) <= _MOMENT
