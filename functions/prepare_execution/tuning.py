"""A search for hyperparameters before the training: what is searched, how far, by which metric.

SageMaker's automatic model tuning trains with settings out of the ranges, and the settings of the
best of these jobs are trained with then:
https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning.html
"""

from collections.abc import Mapping
from typing import Any, Final

from fields import Checker, FieldError, boolean, integer, one_of
from hyperparameters import checkers_of
from posed import BINARY, MULTICLASS, REGRESSION, Posed
from wording import checked, shown, unknown_names

# What the built-in algorithm's page says can be tuned, and its container too. max_delta_step is
# left out: the page has whole numbers for it, the container any, and SageMaker knows one of both.
# https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
WHOLE: Final = ("max_depth", "num_round")
CONTINUOUS: Final = (
    "alpha",
    "colsample_bylevel",
    "colsample_bynode",
    "colsample_bytree",
    "eta",
    "gamma",
    "lambda",
    "min_child_weight",
    "subsample",
)
# https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-limits.html
_MOST_JOBS: Final = 750
_MOST_AT_ONCE: Final = 100
_CHECKERS: Final[Mapping[str, Checker]] = {
    "max_jobs": integer(2, _MOST_JOBS),
    "max_parallel_jobs": integer(1, _MOST_AT_ONCE),
    "strategy": one_of(("Bayesian", "Random")),
    "early_stopping": boolean,
}
_DEFAULTS: Final[Mapping[str, Any]] = {
    "max_jobs": 10,
    "max_parallel_jobs": 2,
    "strategy": "Bayesian",
    "early_stopping": False,
}
_ENDS: Final = 2
# By problem and the gate's metric, the one of the validation split that is searched by: of those
# that SageMaker takes as an objective and the container computes rightly, the nearest.
_BY_LOSS: Final = ("validation:mlogloss", "Minimize")
_OBJECTIVES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    REGRESSION: {
        **dict.fromkeys(("mse", "rmse", "r2"), ("validation:rmse", "Minimize")),
        "mae": ("validation:mae", "Minimize"),
    },
    BINARY: {
        **dict.fromkeys(("auc", "average_precision"), ("validation:auc", "Maximize")),
        **dict.fromkeys(("logloss", "f1"), ("validation:logloss", "Minimize")),
        "accuracy": ("validation:error", "Minimize"),
    },
    # The container takes auc for two classes only.
    MULTICLASS: {
        **dict.fromkeys(("auc", "average_precision", "logloss", "f1"), _BY_LOSS),
        "accuracy": ("validation:merror", "Minimize"),
    },
}


def check_tuning(
    given: Any, *, hyperparameters: Mapping[str, Any], posed: Posed, problems: list[str]
) -> dict[str, Any]:
    """Return the settings of a search, and add a line to `problems` for each that is wrong.

    Args:
        given: the input's or the stack's `tuning`; an empty object asks for no search.
        hyperparameters: that the input gives, of which none can be searched as well.
        posed: the problem.
        problems: of the input.

    Returns:
        `ranges` (by hyperparameter its lowest and highest value), `max_jobs`,
        `max_parallel_jobs`, `strategy` and `early_stopping`; nothing where none is asked for.
    """
    if not isinstance(given, dict):
        problems.append(
            f"tuning = {shown(given)}: must be an object such as "
            '{"ranges": {"eta": [0.05, 0.5]}, "max_jobs": 10}, or {} for none'
        )
        return {}
    if not given:
        return {}
    before = len(problems)
    problems += unknown_names("field", given, (*_CHECKERS, "ranges"), prefix="tuning.")
    merged = {**_DEFAULTS, **given}
    found = {
        name: checked(f"tuning.{name}", merged[name], check, problems)
        for name, check in _CHECKERS.items()
    }
    found["ranges"] = _ranges(given.get("ranges"), hyperparameters, posed, problems)
    if len(problems) > before:
        return {}
    if found["max_parallel_jobs"] > found["max_jobs"]:
        problems.append(
            f"tuning.max_parallel_jobs = {found['max_parallel_jobs']}: must be at most "
            f"tuning.max_jobs, which is {found['max_jobs']}"
        )
    return found


def lowest(tuning: Mapping[str, Any]) -> dict[str, str]:
    """Return the lowest value of each range, as a hyperparameter."""
    return {name: _text(name, low) for name, (low, _) in tuning.get("ranges", {}).items()}


def job_config(tuning: Mapping[str, Any], *, problem: str, metric: str) -> dict[str, Any]:
    """Return the HyperParameterTuningJobConfig of a search.

    Args:
        tuning: as `check_tuning` returns it.
        problem: of jobs/columns.py.
        metric: of the gate.
    """
    name, direction = _OBJECTIVES[problem][metric]
    return {
        "Strategy": tuning["strategy"],
        "HyperParameterTuningJobObjective": {"Type": direction, "MetricName": name},
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": tuning["max_jobs"],
            "MaxParallelTrainingJobs": tuning["max_parallel_jobs"],
        },
        "ParameterRanges": {
            "IntegerParameterRanges": _parameter_ranges(tuning["ranges"], WHOLE),
            "ContinuousParameterRanges": _parameter_ranges(tuning["ranges"], CONTINUOUS),
        },
        "TrainingJobEarlyStoppingType": "Auto" if tuning["early_stopping"] else "Off",
    }


def _ranges(
    given: Any, hyperparameters: Mapping[str, Any], posed: Posed, problems: list[str]
) -> dict[str, list[float]]:
    if not isinstance(given, dict) or not given:
        problems.append(
            f"tuning.ranges = {shown(given)}: must be an object of a lowest and a highest value "
            'each, such as {"eta": [0.05, 0.5], "max_depth": [3, 9]}'
        )
        return {}
    prefix = "tuning.ranges."
    tunable = (*WHOLE, *CONTINUOUS)
    problems += unknown_names("hyperparameter to be tuned", given, tunable, prefix=prefix)
    problems += [
        f"{prefix}{name} = {shown(given[name])}: hyperparameters.{name} is given, too; leave "
        "one out, where the stack tunes by tuning {}"
        for name in sorted(given.keys() & hyperparameters.keys())
    ]
    checkers = checkers_of(posed)
    return {
        name: checked(f"{prefix}{name}", ends, _range_of(checkers[name]), problems)
        for name, ends in given.items()
        if name in tunable
    }


def _range_of(check: Checker) -> Checker:
    """Check for two numbers that a hyperparameter may have, the lower one first."""

    def check_range(value: Any) -> list[float]:
        if not isinstance(value, list) or len(value) != _ENDS or not all(map(_is_number, value)):
            raise FieldError("must be a list of two numbers, the lowest and the highest value")
        for end in value:
            check(end)
        if not value[0] < value[1]:
            raise FieldError(
                "must have its lower end first, and below the other; for one value give "
                "hyperparameters"
            )
        return value

    return check_range


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parameter_ranges(
    ranges: Mapping[str, list[float]], names: tuple[str, ...]
) -> list[dict[str, str]]:
    return [
        {"Name": name, "MinValue": _text(name, low), "MaxValue": _text(name, high)}
        for name, (low, high) in ranges.items()
        if name in names
    ]


def _text(name: str, value: float) -> str:
    return str(int(value)) if name in WHOLE else repr(value)
