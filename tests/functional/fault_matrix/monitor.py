"""The monitor's matrix: every fault against every task of its state machine, and who is told.

Whatever is not retried away ends the execution in the words of what failed, and a rule tells of it:
once, where the window before was compared. So the executions run one after another, with one
between them that succeeds. The tasks that are not a case's own are answered without being carried
out, which keeps the matrix cheap: what they do has tests of its own.
"""

import dataclasses
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws.gate.faults import Answer, Fault, Hang
from pocketaws.step_functions.execution import Execution
from tests.functional.fault_matrix.definition import (
    FOR_EVER,
    Machine,
    Walk,
    task_names,
    walk,
)
from tests.functional.fault_matrix.faults import What, happening
from tests.functional.monitored import Monitored

DEFINITION_PATH: Final = Path(__file__).parents[3] / "workflow" / "definition" / "monitor.asl.json"
_CHOICE: Final = "How much is there?"
_FUNCTION: Final = "Compare in a function"
_JOB: Final = "Compare in a job"
_SHORT_SECONDS: Final = 2
_TOLD_SECONDS: Final = 60
_LOOK_SECONDS: Final = 0.05
_EVENT: Final = {
    "from": "2026-01-01T00:00:00Z",
    "until": "2026-01-01T01:00:00Z",
    "reason": "by hand",
}
_ANSWERS: Final = {
    "CompareCapturesFunction": {"note": "stood for"},
    "PublishWindowFunction": {"state": "compared", "note": "stood for", "drifted": []},
}


@dataclass(frozen=True)
class MonitorCase:
    """One fault in one state.

    Attributes:
        fault: the case's own.
        way: the state that the Choice goes to.
        expected: the execution's way, by the definition.
    """

    state: str
    what: What
    fault: Fault
    way: str
    expected: Walk


@dataclass(frozen=True)
class MonitorOutcome:
    """How a case ended; `problems` says what is not as designed."""

    case: MonitorCase
    label: str
    problems: tuple[str, ...]


def load_monitor() -> Machine:
    """Return the committed definition of the monitor."""
    return dict(json.loads(DEFINITION_PATH.read_text(encoding="utf-8")))


def monitor_cases(machine: Machine) -> list[MonitorCase]:
    """Return the matrix, without the cells that do not apply.

    Raises:
        ValueError: nothing is known of a state's resource.
    """
    cells = [(name, what) for name in task_names(machine) for what in What]
    found = (_case(machine, name, what) for name, what in cells)
    return [case for case in found if case is not None]


def _case(machine: Machine, name: str, what: What) -> MonitorCase | None:
    own = happening(machine, name, what)
    if own is None or own.fault is None:
        return None
    way = _JOB if name == _JOB else _FUNCTION
    expected = walk(machine, turns={_CHOICE: way}, failing=own.failing)
    if name not in (*expected.done, *expected.attempts):
        return None  # What would miss a part of its result comes before it.
    fault = own.fault
    if isinstance(fault.instead, Hang):
        fault = dataclasses.replace(fault, instead=Hang(2 * _SHORT_SECONDS))
    return MonitorCase(name, what, fault, way, expected)


def run_monitor_matrix(monitored: Monitored) -> list[MonitorOutcome]:
    """Run every case on a stack whose endpoint was called, and look at who was told."""
    machine = load_monitor()
    found = _invoke(monitored, "FindCapturesFunction", _EVENT)
    outcomes = []
    for case in monitor_cases(machine):
        _run(monitored, [*_stubs(found, _FUNCTION)], name=f"before-{_name_of(case)}")
        with _short_of_time(monitored, case):
            faults = [dataclasses.replace(case.fault), *_stubs(found, case.way, but=case.state)]
            execution = _run(monitored, faults, name=_name_of(case))
        outcomes.append(MonitorOutcome(case, _label(execution), (*_problems(case, execution),)))
    return [_with_messages(monitored, outcome) for outcome in outcomes]


def _name_of(case: MonitorCase) -> str:
    words = f"{case.state} {case.what}".lower()
    return "".join(character if character.isalnum() else "-" for character in words)


def _stubs(found: dict[str, Any], way: str, *, but: str = "") -> Iterator[Fault]:
    """Have every function answer at once, but for the one of a state."""
    how = {"how": "job" if way == _JOB else "function"}
    answers = {"FindCapturesFunction": found | how, **_ANSWERS}
    own = {
        "Find captures": "FindCapturesFunction",
        _FUNCTION: "CompareCapturesFunction",
        "Publish window": "PublishWindowFunction",
    }.get(but)
    for subject, answer in answers.items():
        if subject != own:
            body = Answer(json.dumps(answer))
            yield Fault("lambda", "Invoke", times=FOR_EVER, subject=subject, instead=body)


def _run(monitored: Monitored, faults: list[Fault], *, name: str) -> Execution:
    runtime = monitored.runtime
    runtime.faults.extend(faults)
    try:
        arn = monitored.stack.outputs["MonitorArn"]
        return runtime.run(arn, _EVENT, name=name)
    finally:
        runtime.faults.clear()


def _invoke(monitored: Monitored, logical_id: str, event: dict[str, Any]) -> dict[str, Any]:
    answered = monitored.runtime.client("lambda").invoke(
        FunctionName=monitored.stack.resources[logical_id], Payload=json.dumps(event)
    )
    return dict(json.loads(answered["Payload"].read()))


@contextmanager
def _short_of_time(monitored: Monitored, case: MonitorCase) -> Iterator[None]:
    """Give a case of no answer little time: the deployed machine itself, since its rule tells."""
    if case.what is not What.TIMEOUT:
        yield
        return
    step_functions = monitored.runtime.client("stepfunctions")
    arn = monitored.stack.outputs["MonitorArn"]
    text = step_functions.describe_state_machine(stateMachineArn=arn)["definition"]
    machine = json.loads(text)
    machine["States"][case.state]["TimeoutSeconds"] = _SHORT_SECONDS
    step_functions.update_state_machine(stateMachineArn=arn, definition=json.dumps(machine))
    try:
        yield
    finally:
        step_functions.update_state_machine(stateMachineArn=arn, definition=text)


def _label(execution: Execution) -> str:
    return "compared" if execution.status == "SUCCEEDED" else execution.error or execution.status


def _problems(case: MonitorCase, execution: Execution) -> Iterator[str]:
    expected = case.expected
    if (execution.status, execution.error) != (expected.status, expected.error):
        yield (
            f"ended as {execution.status} {execution.error or ''} ({execution.cause}), designed "
            f"is {expected.status} {expected.error or ''}"
        )
    if (execution.cause or "").startswith("{"):
        yield f"its cause is no sentence: {execution.cause}"


def _with_messages(monitored: Monitored, outcome: MonitorOutcome) -> MonitorOutcome:
    """Hold the messages about a case to what is designed: one where it failed, else none."""
    designed = int(outcome.case.expected.status == "FAILED")
    deadline = time.monotonic() + _TOLD_SECONDS
    while len(sent := _texts(monitored, outcome.case)) < designed and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    problems = list(outcome.problems)
    if len(sent) != designed:
        problems.append(f"sent {len(sent)} messages, designed are {designed}")
    if sent and str(outcome.case.expected.error) not in sent[0]:
        problems.append(f"the message does not say {outcome.case.expected.error}: {sent[0]}")
    return dataclasses.replace(outcome, problems=tuple(problems))


def _texts(monitored: Monitored, case: MonitorCase) -> list[str]:
    own_line = f"Execution: {_name_of(case)}"
    texts = [message.text for message in monitored.messages()]
    return [text for text in texts if own_line in text.splitlines()]
