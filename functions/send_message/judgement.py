"""The numbers that decided about a model, as functions/read_evaluation left them in the state."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_NEED_NO_NUMBER: Final = ("production_mse", "reason")


@dataclass(frozen=True)
class Judgement:
    """The candidate's metrics on `rows` rows of the test split, and what they were held against.

    `production_mse` is None where there was no production model.
    """

    mse: float
    rmse: float
    mae: float
    r2: float
    rows: int
    production_mse: float | None
    allowed_mse: float
    max_mse: float
    reason: str

    @property
    def mse_in_short(self) -> str:
        """The candidate's mse against production's."""
        if self.production_mse is None:
            return f"mse {self.mse:.5g}"
        return f"mse {self.mse:.5g} (production {self.production_mse:.5g})"

    @property
    def lines(self) -> list[str]:
        """All of the numbers, candidate against production."""
        production = "none" if self.production_mse is None else f"{self.production_mse:.6g}"
        return [
            f"Numbers, on {self.rows} rows that were not trained on:",
            f"  mse of the candidate   {self.mse:.6g}",
            f"  mse of production      {production}",
            f"  mse allowed by that    {self.allowed_mse:.6g}",
            f"  max_mse                {self.max_mse:.6g}",
            f"  rmse {self.rmse:.4g}, mae {self.mae:.4g}, r2 {self.r2:.4g} of the candidate",
        ]


def judgement_of(state: Mapping[str, Any]) -> Judgement | None:
    """Return the judgement that a state holds; None where it holds none with all its numbers."""
    found = state.get("judgement")
    if not isinstance(found, Mapping):
        return None
    values: dict[str, Any] = {
        field.name: found.get(field.name) for field in dataclasses.fields(Judgement)
    }
    numbers = [value for name, value in values.items() if name not in _NEED_NO_NUMBER]
    if not all(isinstance(value, int | float) for value in numbers):
        return None
    return Judgement(**values)
