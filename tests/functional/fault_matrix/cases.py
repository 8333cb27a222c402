"""The matrix: a case for every task state and fault, with the end that the definition designs."""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws.gate.faults import Fault
from tests.functional.fault_matrix.calls import Call, Kind, call_of
from tests.functional.fault_matrix.definition import (
    Machine,
    Walk,
    followers,
    route_to,
    task_names,
    walk,
)
from tests.functional.fault_matrix.faults import (
    Happening,
    What,
    answered,
    happening,
    leading_to,
)

DEFINITION_PATH: Final = (
    Path(__file__).parents[3] / "workflow" / "definition" / "definition.asl.json"
)
# Nothing is young enough to be reused, so that no case meets what another one has kept.
_CACHE: Final = {"cache": {"expires_after": "PT0S"}}
# Stands for the URI of the rows that all executions of the matrix are about.
THE_SAME_ROWS: Final = "s3://the/same/rows"
# What an execution is started with to have a Choice go to a state: the first is the usual one.
TURNS: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "Is it to be tuned?": {
        "Train model": {},
        "Tune model": {
            "tuning": {"ranges": {"eta": [0.1, 0.5]}, "max_jobs": 2, "strategy": "Random"}
        },
    },
    "May outputs be reused?": {"Preprocess data": {}, "Find cached outputs": _CACHE},
    # The release before all cases keeps what it makes.
    "What is cached?": {
        "Preprocess data": {},
        "Reuse preprocessed data": {"cache": True, "hyperparameters": {"num_round": 3}},
        "Reuse data and model": {"cache": True},
    },
    "Are outputs to be kept?": {"Is there a batch?": {}, "Keep outputs": _CACHE},
    "Is the model good enough?": {
        "Create model": {},
        "Tell that the model was rejected": {"max_mse": 1e-6},
    },
    "Is there a batch?": {
        "Tell that the model was released": {},
        "Encode batch": {"batch_data_uri": THE_SAME_ROWS},
    },
    "Does a person decide?": {
        "Record model name": {},
        "Wait for approval": {"approval": "required"},
    },
}
_RECORDED: Final = {
    "ModelName": "told",
    "ParameterName": "/told",
    "ParameterVersion": 1,
    "Recorded": True,
    "Reason": None,
}
# How an execution goes that reuses what the release before all cases has made: in a third of the
# time, since no job runs but the evaluation.
_REUSING: Final = {
    "May outputs be reused?": "Find cached outputs",
    "What is cached?": "Reuse data and model",
}
# It keeps what is new.
_KEEPS: Final = "Keep outputs"
# What functions, by the start of their name, and an operation do here.
_TELLS: Final = "SendMessageFunction"
_RECORDS: Final = "RecordModelNameFunction"
_UNTOLD: Final = "MessageNotSent"
_WITHDRAWS: Final = "UpdateModelPackage"


@dataclass(frozen=True)
class Case:
    """One fault in one state.

    Attributes:
        name: of the execution; no other case's name holds it.
        execution_input: beside what all executions of the matrix are started with.
        faults: each hits this execution only; the last is the case's own, where it has one.
        times_left: how many more calls the case's own fault would hit in the end.
        answer: what a person answers who is asked; None for nothing.
        expected: the execution's way, by the definition.
        questions: how many messages ask a person.
        tells: how many messages say how the execution ended.
        records: the model's name is recorded, whatever comes after it.
        approves: a model package may stay approved, since the model was recorded, or what would
            have taken the approval back is what failed.
    """

    name: str
    state: str
    what: What
    execution_input: Mapping[str, Any]
    faults: tuple[Fault, ...]
    times_left: int | None
    answer: str | None
    expected: Walk
    questions: int
    tells: int
    records: bool
    approves: bool


def load_definition() -> Machine:
    """Return the committed definition, which is the deployed one."""
    return dict(json.loads(DEFINITION_PATH.read_text(encoding="utf-8")))


def cases_of(machine: Machine, *, prefix: str) -> list[Case]:
    """Return the matrix of a definition, without the cells that do not apply.

    Args:
        machine: the definition.
        prefix: of the executions' names; lower case, at most 20 characters.

    Raises:
        ValueError: a state cannot be reached, or nothing is known of its resource.
    """
    cells = [(name, what) for name in task_names(machine) for what in What]
    found = (
        _case(machine, name, what, f"{prefix}-{number:03}x")
        for number, (name, what) in enumerate(cells)
    )
    return [case for case in found if case is not None]


def _case(machine: Machine, name: str, what: What, execution_name: str) -> Case | None:
    own = happening(machine, name, what)
    if own is None:
        return None
    usual = _usual(machine, name, what)
    route = route_to(machine, name, usual=usual)
    turns = {**usual, **route.turns}
    before = [leading_to(machine, state, error) for state, error in route.failures.items()]
    happenings = [*before, own]
    failing = {state: how for item in happenings for state, how in item.failing.items()}
    expected = walk(machine, turns=turns, failing=failing)
    done = [call_of(machine, state) for state in expected.done]
    failed = [call_of(machine, state) for state in expected.attempts]
    records = any(call.subject == _RECORDS for call in done)
    faults = [*_told(machine, turns), *(item.fault for item in happenings if item.fault)]
    return Case(
        name=execution_name,
        state=name,
        what=what,
        execution_input=_execution_input(turns),
        faults=tuple(_only_for(execution_name, fault) for fault in faults),
        times_left=_times_left(own, expected, name),
        answer=next((item.answer for item in happenings if not item.fault), "Approved"),
        expected=expected,
        questions=_questions(done, happenings),
        # What nothing caught is told, and withdrawn, by functions/close_execution, which also tells
        # of a failure that a state could not; no rule knows the machines of the timeouts.
        tells=sum(call.subject == _TELLS for call in done)
        + (not expected.end or (expected.error == _UNTOLD and what is not What.TIMEOUT)),
        records=records,
        approves=records or any(call.operation == _WITHDRAWS for call in failed),
    )


def _usual(machine: Machine, name: str, what: What) -> dict[str, str]:
    """Return the usual turns; where a state after the jobs is throttled, all of them run."""
    usual = {choice: next(iter(targets)) for choice, targets in TURNS.items()}
    after = followers(machine, _REUSING["What is cached?"]) - {_KEEPS}
    return usual | _REUSING if name in after and what is not What.THROTTLED else usual


def _execution_input(turns: Mapping[str, str]) -> dict[str, Any]:
    return {key: value for at, to in turns.items() for key, value in TURNS[at][to].items()}


def _told(machine: Machine, turns: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what an execution with a batch is told: that its model was recorded.

    Only the newest one's is, and which of many at once that is, nobody can say.
    """
    if turns["Is there a batch?"] == "Encode batch":
        yield answered(machine, "Record model name", _RECORDED)


def _only_for(execution_name: str, fault: Fault) -> Fault:
    texts = tuple(text.replace("{name}", execution_name) for text in fault.texts)
    return dataclasses.replace(fault, texts=texts)


def _times_left(own: Happening, expected: Walk, name: str) -> int | None:
    if own.fault is None:
        return None
    # A call that is answered, though badly, is not tried again.
    return max(0, own.fault.times - expected.attempts.get(name, 1))


def _questions(done: Sequence[Call], happenings: Sequence[Happening]) -> int:
    unanswered_or_refused = sum(item.fault is None for item in happenings)
    return sum(call.kind is Kind.CALLBACK for call in done) + unanswered_or_refused
