"""How each state of the graph came out: in words, with a colour beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workflow.report.markup import seconds
from workflow.report.record import StateRun

# The worst first; each is a class of the style.
_RANKS: Final = ("failed", "timed out", "stopped", "caught", "running", "succeeded")
_WORDS: Final[Mapping[str, str]] = {"caught": "failed, caught"}
NOT_REACHED: Final = "not reached"


@dataclass(frozen=True)
class StateOutcome:
    """A state's runs together.

    Attributes:
        words: such as "succeeded, 2.0 s, 2 attempts".
        kind: a class of the style.
        first: place of its first run in the record; None where it was not reached.
    """

    words: str
    kind: str
    first: int | None


def outcomes_of(states: Sequence[StateRun]) -> dict[str, StateOutcome]:
    """Return the outcomes by the states' names, of those that were reached."""
    runs: dict[str, list[int]] = {}
    for index, state in enumerate(states):
        runs.setdefault(state.name, []).append(index)
    return {name: _joined(states, places) for name, places in runs.items()}


def words_of(state: StateRun) -> str:
    """Return how a state came out, how long it took and how often it was tried."""
    return _outcome_text(state.status, state.seconds, len(state.attempts), 1)


def kind_of(status: str) -> str:
    """Return the class of a status."""
    return status.replace(" ", "-")


def ways_gone(states: Iterable[StateRun]) -> Iterator[tuple[str, str]]:
    """Yield which state led to which, also into and inside Map and Parallel."""
    last: dict[int | None, StateRun] = {}
    held = list(states)
    for state in held:
        before = last.get(state.parent)
        if before is not None:
            yield before.name, state.name
        elif state.parent is not None:
            yield held[state.parent].name, state.name
        last[state.parent] = state


def _joined(states: Sequence[StateRun], places: Sequence[int]) -> StateOutcome:
    held = [states[place] for place in places]
    worst = min((state.status for state in held), key=_RANKS.index)
    total = sum(state.seconds for state in held)
    attempts = max(len(state.attempts) for state in held)
    return StateOutcome(_outcome_text(worst, total, attempts, len(held)), kind_of(worst), places[0])


def _outcome_text(status: str, total: float, attempts: int, times: int) -> str:
    text = f"{_WORDS.get(status, status)}, {seconds(total)}"
    if attempts > 1:
        text += f", {attempts} attempts"
    return f"{text}, {times} times" if times > 1 else text
