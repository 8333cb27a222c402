"""The numbers that decided about a model, as functions/read_evaluation left them in the state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Judgement:
    """What a message says of them.

    Attributes:
        metric: what the gate judged by.
        value: of the candidate.
        production_value: on the same rows; None where there was no production model.
        reason: the comparison in a sentence.
        numbers: all of the numbers, lines of text.
    """

    metric: str
    value: float
    production_value: float | None
    reason: str
    numbers: Sequence[str]

    @property
    def in_short(self) -> str:
        """The candidate's value against production's."""
        if self.production_value is None:
            return f"{self.metric} {self.value:.5g}"
        return f"{self.metric} {self.value:.5g} (production {self.production_value:.5g})"


def judgement_of(state: Mapping[str, Any]) -> Judgement | None:
    """Return the judgement that a state holds; None where it holds none that can be told."""
    found = state.get("judgement")
    if not isinstance(found, Mapping):
        return None
    # An execution that an earlier deployment began has mse alone.
    metric = found.get("metric", "mse")
    value = found.get("value", found.get("mse"))
    production = found.get("production_value", found.get("production_mse"))
    reason, numbers = found.get("reason"), found.get("numbers")
    if not _is_number(value) or not (production is None or _is_number(production)):
        return None
    if not isinstance(reason, str) or not isinstance(numbers, list):
        return None
    lines = [str(line) for line in numbers]
    return Judgement(str(metric), float(value), production, reason, lines)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
