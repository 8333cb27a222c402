"""The limits on a candidate's mse, and in plain words which of them it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation import is_error

_DIGITS, _ALL_DIGITS = 5, 17


@dataclass(frozen=True)
class Limits:
    """`max_mse` holds always; `max_mse_increase` is a share of the production model's mse."""

    max_mse: float
    max_mse_increase: float

    def allowed_mse(self, production_mse: float | None) -> float:
        """Return the largest mse that the comparison allows; max_mse where there is none."""
        if production_mse is None:
            return self.max_mse
        return production_mse * (1 + self.max_mse_increase)


def limits_of(event: Mapping[str, Any]) -> Limits:
    """Return the limits that an event gives, or raise ValueError saying what is wrong."""
    return Limits(_limit(event, "MaxMse"), _limit(event, "MaxMseIncrease"))


def reason(mse: float, production_mse: float | None, *, limits: Limits) -> str:
    """Return what was found, with every number that was compared."""
    allowed_mse = limits.allowed_mse(production_mse)
    too_large, worse = mse > limits.max_mse, mse > allowed_mse
    compared = (mse, limits.max_mse, allowed_mse, production_mse or 0.0)
    shown_mse, shown_max, shown_allowed, shown_production = _apart(*compared)
    absolute = f"{'above' if too_large else 'at most'} max_mse {shown_max}"
    if production_mse is None:
        return f"mse {shown_mse} is {absolute}; there is no production model to compare with"
    relative = (
        f"{'worse' if worse else 'not worse'} than production's {shown_production} by more than "
        f"{limits.max_mse_increase * 100:.6g} % (allowed {shown_allowed})"
    )
    joint = "but" if too_large != worse else "and"
    return f"mse {shown_mse} is {absolute} {joint} {relative}"


def _limit(event: Mapping[str, Any], name: str) -> float:
    value: Any = event.get(name)
    if not is_error(value):
        raise ValueError(f"{name} must be a finite number that is not negative, got {value!r}")
    return float(value)


def _apart(*values: float) -> list[str]:
    """Return numbers in few digits, though in so many that those that differ look different."""
    shown: list[str] = []
    for digits in range(_DIGITS, _ALL_DIGITS + 1):
        shown = [str(float(f"{value:.{digits}g}")) for value in values]
        if len(set(shown)) == len(set(values)):
            break
    return shown
