"""The numbers that decided about a model, as functions/read_evaluation left them in the state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Judgement:
    """What a message says of them.

    Attributes:
        mse: of the candidate.
        production_mse: on the same rows; None where there was no production model.
        reason: the comparison in a sentence.
        numbers: all of the numbers, lines of text.
    """

    mse: float
    production_mse: float | None
    reason: str
    numbers: Sequence[str]

    @property
    def mse_in_short(self) -> str:
        """The candidate's mse against production's."""
        if self.production_mse is None:
            return f"mse {self.mse:.5g}"
        return f"mse {self.mse:.5g} (production {self.production_mse:.5g})"


def judgement_of(state: Mapping[str, Any]) -> Judgement | None:
    """Return the judgement that a state holds; None where it holds none that can be told."""
    found = state.get("judgement")
    if not isinstance(found, Mapping):
        return None
    mse, production_mse = found.get("mse"), found.get("production_mse")
    reason, numbers = found.get("reason"), found.get("numbers")
    if not _is_number(mse) or not (production_mse is None or _is_number(production_mse)):
        return None
    if not isinstance(reason, str) or not isinstance(numbers, list):
        return None
    return Judgement(float(mse), production_mse, reason, [str(line) for line in numbers])  # type: ignore[arg-type]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
