"""The limits on what a candidate is judged by, and in plain words which of them it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from evaluation import Evaluation, is_error
from gauges import ALL, error_of, lower_is_better

_DIGITS, _ALL_DIGITS = 5, 17
# What becomes of a candidate that production cannot be compared with.
ASK, REFUSE, MAX_MSE = "ask", "refuse", "max_mse"
_RULES: Final = (ASK, REFUSE, MAX_MSE)
# Below every error, and above every share, so that the Choice lets none through.
_NONE_ALLOWED: Final = {True: -1.0, False: 2.0}
_REMEDY: Final = (
    'start an execution with {"if_not_comparable": "max_mse"} to leave production out once '
    "(on a laptop: --fresh)"
)


@dataclass(frozen=True)
class Limits:
    """`threshold` holds always; `max_increase` is a share of the production model's error.

    The error of a metric of which 1 is the best is its distance from 1. `if_not_comparable` is what
    holds where there is a production model and comparing with it would mean nothing: "ask" a
    person, "refuse" the candidate, or judge it by the threshold ("max_mse") alone.
    """

    threshold: float
    max_increase: float
    if_not_comparable: str = ASK
    metric: str = "mse"

    @property
    def name(self) -> str:
        """What the threshold is called in the execution input."""
        return "max_mse" if self.metric == "mse" else "gate_threshold"

    def allowed(self, evaluation: Evaluation) -> float:
        """Return the worst value that the comparison allows; the threshold where there is none.

        No value is as good where the candidate is refused whatever it is.
        """
        if evaluation.not_compared is not None and self.if_not_comparable == REFUSE:
            return _NONE_ALLOWED[lower_is_better(self.metric)]
        if evaluation.production_value is None:
            return self.threshold
        error = error_of(self.metric, evaluation.production_value) * (1 + self.max_increase)
        return error if lower_is_better(self.metric) else 1 - error

    def is_worse(self, value: float, limit: float) -> bool:
        """Return whether a value does not keep a limit."""
        return value > limit if lower_is_better(self.metric) else value < limit


def limits_of(event: Mapping[str, Any]) -> Limits:
    """Return the limits that an event gives, or raise ValueError saying what is wrong."""
    # An execution that an earlier deployment began does not give it.
    rule = event.get("IfNotComparable", ASK)
    if rule not in _RULES:
        raise ValueError(f"IfNotComparable must be one of {', '.join(_RULES)}, got {rule!r}")
    max_mse, increase = _limit(event, "MaxMse"), _limit(event, "MaxMseIncrease")
    # Nor these two.
    metric = event.get("Metric", "mse")
    if metric not in ALL:
        raise ValueError(f"Metric must be one of {', '.join(ALL)}, got {metric!r}")
    threshold = event.get("Threshold", max_mse)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float):
        raise ValueError(  # noqa: TRY004 - one kind of error for all fields
            f"Threshold must be a finite number, got {threshold!r}"
        )
    return Limits(float(threshold), increase, rule, metric)


def reason(evaluation: Evaluation, *, limits: Limits) -> str:
    """Return what was found, with every number that was compared."""
    value, production = evaluation.value, evaluation.production_value
    allowed = limits.allowed(evaluation)
    too_bad, worse = limits.is_worse(value, limits.threshold), limits.is_worse(value, allowed)
    compared = (value, limits.threshold, allowed, production or 0.0)
    shown, shown_limit, shown_allowed, shown_production = _apart(*compared)
    passed, missed = (
        ("at most", "above") if lower_is_better(limits.metric) else ("at least", "below")
    )
    absolute = f"{missed if too_bad else passed} {limits.name} {shown_limit}"
    if evaluation.not_compared is not None:
        end = f"; {_REMEDY}" if limits.if_not_comparable == REFUSE else ""
        return (
            f"{limits.metric} {shown} is {absolute}; production was not compared with: "
            f"{evaluation.not_compared}{end}"
        )
    if production is None:
        return (
            f"{limits.metric} {shown} is {absolute}; there is no production model to compare with"
        )
    of = "" if lower_is_better(limits.metric) else " of its distance from 1"
    relative = (
        f"{'worse' if worse else 'not worse'} than production's {shown_production} by more than "
        f"{limits.max_increase * 100:.6g} %{of} (allowed {shown_allowed})"
    )
    joint = "but" if too_bad != worse else "and"
    return f"{limits.metric} {shown} is {absolute} {joint} {relative}"


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
