"""Which hyperparameters a tuning job tries next: random ones, a grid's, or those of an optimiser.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
"""

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pocketaws.errors import ServiceError

Parameters = dict[str, str]

# Of a Bayesian search, as many as nothing is known before.
_FIRST_TRIALS: Final = 5
_SCALES: Final = ("Auto", "Linear", "Logarithmic")


@dataclass(frozen=True)
class Range:
    """The values of one hyperparameter.

    Attributes:
        kind: Integer, Continuous or Categorical.
        values: of a categorical one.
        low: the least of a number.
        high: the greatest.
        logarithmic: whether its order of magnitude is what varies.
    """

    name: str
    kind: str
    values: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    logarithmic: bool = False

    def drawn(self, source: random.Random) -> str:
        """Return a value at random."""
        if self.kind == "Categorical":
            return source.choice(self.values)
        if self.logarithmic:
            value = math.exp(source.uniform(math.log(self.low), math.log(self.high)))
        else:
            value = source.uniform(self.low, self.high)
        return self.text(value)

    def text(self, value: Any) -> str:
        """Return a value as a hyperparameter has it."""
        if self.kind == "Integer":
            return str(min(max(round(value), int(self.low)), int(self.high)))
        return str(value)


class Sampler(Protocol):
    """Says what to try next, and hears how it went."""

    def ask(self) -> Parameters | None:
        """Return what to try next; None where there is nothing more."""

    def tell(self, parameters: Parameters, value: float | None) -> None:
        """Hear what came of it; None where it failed."""


def ranges_of(config: Mapping[str, Any]) -> list[Range]:
    """Read a HyperParameterTuningJobConfig's ParameterRanges.

    Raises:
        ServiceError: a range is empty, or of a scale that is not known here.
    """
    given = config.get("ParameterRanges") or {}
    found = [
        Range(item["Name"], "Categorical", tuple(item["Values"]))
        for item in given.get("CategoricalParameterRanges", [])
    ]
    for kind in ("Integer", "Continuous"):
        found += [_number(kind, item) for item in given.get(f"{kind}ParameterRanges", [])]
    if not found:
        raise ServiceError("ValidationException", "ParameterRanges must have a range at least")
    return found


def sampler_of(strategy: str, ranges: list[Range], *, maximizes: bool, seed: int) -> Sampler:
    """Return what searches by a strategy.

    Raises:
        ServiceError: the strategy is not known here, or not with these ranges.
    """
    if strategy == "Random":
        return _Random(ranges, seed)
    if strategy == "Grid":
        return _Grid(ranges)
    if strategy == "Bayesian":
        return _Bayesian(ranges, maximizes=maximizes, seed=seed)
    raise ServiceError(
        "ValidationException",
        f"Strategy {strategy!r} is not done by the local runtime; it knows Bayesian, Random, Grid",
    )


def _number(kind: str, item: Mapping[str, Any]) -> Range:
    low, high = float(item["MinValue"]), float(item["MaxValue"])
    scale = item.get("ScalingType", "Auto")
    if scale not in _SCALES:
        raise ServiceError(
            "ValidationException",
            f"ScalingType {scale!r} of {item['Name']} is not done by the local runtime; it knows "
            f"{', '.join(_SCALES)}",
        )
    if low > high or (scale == "Logarithmic" and low <= 0):
        raise ServiceError(
            "ValidationException",
            f"The range of {item['Name']} from {item['MinValue']} to {item['MaxValue']} is empty, "
            f"or none for the scale {scale}",
        )
    return Range(item["Name"], kind, (), low, high, scale == "Logarithmic")


class _Random:
    def __init__(self, ranges: list[Range], seed: int) -> None:
        self._ranges = ranges
        self._source = random.Random(seed)  # noqa: S311 - no secret

    def ask(self) -> Parameters | None:
        return {one.name: one.drawn(self._source) for one in self._ranges}

    def tell(self, parameters: Parameters, value: float | None) -> None:
        """Nothing that was tried changes what comes next."""


class _Grid:
    def __init__(self, ranges: list[Range]) -> None:
        numbers = [one.name for one in ranges if one.kind != "Categorical"]
        if numbers:
            raise ServiceError(
                "ValidationException",
                f"Grid search takes categorical hyperparameters only, not {', '.join(numbers)}",
            )
        names = [one.name for one in ranges]
        combinations = itertools.product(*(one.values for one in ranges))
        self._left: Iterator[Parameters] = (
            dict(zip(names, values, strict=True)) for values in combinations
        )

    def ask(self) -> Parameters | None:
        return next(self._left, None)

    def tell(self, parameters: Parameters, value: float | None) -> None:
        """Nothing that was tried changes what comes next."""


class _Bayesian:
    """Optuna's tree-structured Parzen estimator; SageMaker's own search is a Gaussian process."""

    def __init__(self, ranges: list[Range], *, maximizes: bool, seed: int) -> None:
        try:
            # It takes a second, and only this needs it.
            import optuna
        except ImportError as error:
            raise ServiceError(
                "ValidationException",
                "Bayesian tuning is done here by optuna, which is not installed: pip install "
                "'pocketaws[tuning]', or take the strategy Random",
            ) from error
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._ranges = {one.name: one for one in ranges}
        self._study = optuna.create_study(
            direction="maximize" if maximizes else "minimize",
            sampler=optuna.samplers.TPESampler(n_startup_trials=_FIRST_TRIALS, seed=seed),
        )
        self._failed = optuna.trial.TrialState.FAIL
        self._distributions = {
            name: _distribution(optuna.distributions, one) for name, one in self._ranges.items()
        }
        self._trials: dict[tuple[tuple[str, str], ...], Any] = {}

    def ask(self) -> Parameters | None:
        trial = self._study.ask(self._distributions)
        parameters = {name: self._ranges[name].text(trial.params[name]) for name in self._ranges}
        self._trials[tuple(parameters.items())] = trial
        return parameters

    def tell(self, parameters: Parameters, value: float | None) -> None:
        trial = self._trials.pop(tuple(parameters.items()), None)
        if trial is None:
            return
        if value is None:
            self._study.tell(trial, state=self._failed)
        else:
            self._study.tell(trial, value)


def _distribution(kinds: Any, one: Range) -> Any:
    if one.kind == "Categorical":
        return kinds.CategoricalDistribution(list(one.values))
    if one.kind == "Integer":
        return kinds.IntDistribution(int(one.low), int(one.high), log=one.logarithmic)
    return kinds.FloatDistribution(one.low, one.high, log=one.logarithmic)
