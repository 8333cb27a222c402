"""The limits on a candidate's mse, and in plain words which of them it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from evaluation import Evaluation, is_error

_DIGITS, _ALL_DIGITS = 5, 17
# What becomes of a candidate that production cannot be compared with.
ASK, REFUSE, MAX_MSE = "ask", "refuse", "max_mse"
_RULES: Final = (ASK, REFUSE, MAX_MSE)
# Below every mse, so that the Choice lets none through.
_NONE_ALLOWED: Final = -1.0
_REMEDY: Final = (
    'start an execution with {"if_not_comparable": "max_mse"} to leave production out once '
    "(on a laptop: --fresh)"
)


@dataclass(frozen=True)
class Limits:
    """`max_mse` holds always; `max_mse_increase` is a share of the production model's mse.

    `if_not_comparable` is what holds where there is a production model and comparing with it would
    mean nothing: "ask" a person, "refuse" the candidate, or judge it by "max_mse" alone.
    """

    max_mse: float
    max_mse_increase: float
    if_not_comparable: str = ASK

    def allowed_mse(self, evaluation: Evaluation) -> float:
        """Return the largest mse that the comparison allows; max_mse where there is none.

        It is negative where the candidate is refused whatever its mse.
        """
        if evaluation.not_compared is not None and self.if_not_comparable == REFUSE:
            return _NONE_ALLOWED
        if evaluation.production_mse is None:
            return self.max_mse
        return evaluation.production_mse * (1 + self.max_mse_increase)


def limits_of(event: Mapping[str, Any]) -> Limits:
    """Return the limits that an event gives, or raise ValueError saying what is wrong."""
    # An execution that an earlier deployment began does not give it.
    rule = event.get("IfNotComparable", ASK)
    if rule not in _RULES:
        raise ValueError(f"IfNotComparable must be one of {', '.join(_RULES)}, got {rule!r}")
    return Limits(_limit(event, "MaxMse"), _limit(event, "MaxMseIncrease"), rule)


def reason(evaluation: Evaluation, *, limits: Limits) -> str:
    """Return what was found, with every number that was compared."""
    mse, production_mse = evaluation.mse, evaluation.production_mse
    allowed_mse = limits.allowed_mse(evaluation)
    too_large, worse = mse > limits.max_mse, mse > allowed_mse
    compared = (mse, limits.max_mse, allowed_mse, production_mse or 0.0)
    shown_mse, shown_max, shown_allowed, shown_production = _apart(*compared)
    absolute = f"{'above' if too_large else 'at most'} max_mse {shown_max}"
    if evaluation.not_compared is not None:
        end = f"; {_REMEDY}" if limits.if_not_comparable == REFUSE else ""
        return (
            f"mse {shown_mse} is {absolute}; production was not compared with: "
            f"{evaluation.not_compared}{end}"
        )
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
