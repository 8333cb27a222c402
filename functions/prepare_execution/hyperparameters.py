"""The hyperparameters of built-in XGBoost that an execution may set, and their ranges.

Those of algorithm mode that make sense for the kind of problem, on CSV rows. The
container checks again, by the rules this table follows, but minutes later and on an instance that
costs:
https://github.com/aws/sagemaker-xgboost-container/blob/master/src/sagemaker_xgboost_container/algorithm_mode/hyperparameter_validation.py
XGBoost itself takes less than the container: whole numbers of 32 bits, and numbers of single
precision. `combinations.py` has what does not work together.
"""

from collections.abc import Mapping
from typing import Any, Final

from fields import Checker, FieldError, number_text, one_of
from posed import BINARY, REGRESSION, Posed

DEFAULTS: Final[Mapping[str, str]] = {
    "objective": "reg:squarederror",
    "num_round": "50",
    "max_depth": "5",
    "eta": "0.2",
    "gamma": "4",
    "min_child_weight": "6",
    "subsample": "0.7",
}
# Of a classification, with the objective that tells a probability for each class.
_DEFAULTS_OF_CLASSES: Final[Mapping[str, str]] = {
    "num_round": "100",
    "max_depth": "5",
    "eta": "0.2",
}
BINARY_OBJECTIVE: Final = "binary:logistic"
MULTICLASS_OBJECTIVE: Final = "multi:softprob"
# XGBoost's own; the container computes the others of a classification from margins, wrongly.
_BINARY_METRICS: Final = ("logloss", "auc", "aucpr", "error")
_MULTICLASS_METRICS: Final = ("mlogloss", "merror", "auc")
_REGRESSION_METRICS: Final = (
    "rmse",
    "rmsle",
    "mae",
    "mape",
    "mphe",
    "poisson-nloglik",
    "gamma-nloglik",
    "gamma-deviance",
)
# What single precision holds, with all its digits.
_LARGEST: Final = 3.4e38
_SMALLEST: Final = 1.2e-38
_LARGEST_WHOLE: Final = 2**31 - 1


def _number(
    minimum: float, maximum: float = _LARGEST, *, above: bool = False, below: bool = False
) -> Checker:
    """Check for a number from `minimum` to `maximum`; `above`/`below` leave the end itself out."""

    def check(value: Any) -> str:
        text = number_text(value)
        number = float(text)
        if 0 < number < _SMALLEST:
            raise FieldError(
                f"is too small for XGBoost's single precision; give at least {_SMALLEST}"
                f"{' or 0' if minimum == 0 and not above else ''}"
            )
        too_low = number <= minimum if above else number < minimum
        too_high = number >= maximum if below else number > maximum
        if too_low or too_high:
            raise FieldError(f"must be {_range_text(minimum, maximum, above=above, below=below)}")
        return text

    return check


def _whole(minimum: int, maximum: int = _LARGEST_WHOLE) -> Checker:
    def check(value: Any) -> str:
        text = number_text(value)
        if not float(text).is_integer():
            raise FieldError("must be a whole number")
        if not minimum <= float(text) <= maximum:
            raise FieldError(f"must be a whole number {_range_text(minimum, maximum)}")
        return str(int(float(text)))

    return check


def _range_text(minimum: float, maximum: float, *, above: bool = False, below: bool = False) -> str:
    low = f"above {minimum}" if above else f"at least {minimum}"
    return f"{low} and {'below' if below else 'at most'} {maximum}"


def _tweedie_variance_power(value: Any) -> str:
    text: str = _number(1, 2, above=True, below=True)(value)
    # XGBoost names its metric by six digits of it, and takes no 2 back.
    if float(f"{float(text):.6g}") >= 2:  # noqa: PLR2004
        raise FieldError("is 2 in XGBoost's six digits; give at most 1.99999")
    return text


def _metrics(value: Any) -> str:
    metrics = value.split(",") if isinstance(value, str) else [None]
    if "tweedie-nloglik" in metrics:
        raise FieldError(
            "tweedie-nloglik needs a variance power that the container does not pass on; leave it "
            "out, since the objective reg:tweedie prints it by itself"
        )
    if not all(metric in _REGRESSION_METRICS for metric in metrics):
        raise FieldError(
            f"must be one or more of {', '.join(_REGRESSION_METRICS)}, separated by commas"
        )
    return str(value)


def _some_of(metrics: tuple[str, ...]) -> Checker:
    def check(value: Any) -> str:
        if not isinstance(value, str) or not set(value.split(",")) <= set(metrics):
            raise FieldError(f"must be one or more of {', '.join(metrics)}, separated by commas")
        return value

    return check


def _objective(objective: str, problem: str) -> Checker:
    def check(value: Any) -> str:
        if value != objective:
            raise FieldError(
                f"must be {objective}, since PROBLEM in jobs/columns.py is {problem}; its answers "
                "are what the metrics and the endpoint's callers read"
            )
        return objective

    return check


def _class_count(classes: int) -> Checker:
    def check(value: Any) -> str:
        if str(value) != str(classes):
            raise FieldError(f"must be {classes}, as many as jobs/columns.py has; leave it out")
        return str(classes)

    return check


CHECKERS: Final[Mapping[str, Checker]] = {
    "alpha": _number(0),
    "base_score": _number(0),
    "booster": one_of(("gbtree", "gblinear", "dart")),
    "colsample_bylevel": _number(0, 1, above=True),
    "colsample_bynode": _number(0, 1, above=True),
    "colsample_bytree": _number(0, 1, above=True),
    "early_stopping_rounds": _whole(1),
    "eta": _number(0, 1),
    "eval_metric": _metrics,
    "gamma": _number(0),
    "grow_policy": one_of(("depthwise", "lossguide")),
    "lambda": _number(0),
    "lambda_bias": _number(0, 1),
    "max_bin": _whole(2),
    "max_delta_step": _number(0),
    "max_depth": _whole(0),
    "max_leaves": _whole(0),
    "min_child_weight": _number(0),
    "normalize_type": one_of(("tree", "forest")),
    "nthread": _whole(1),
    "num_parallel_tree": _whole(1),
    "num_round": _whole(1),
    "objective": one_of(
        (
            "reg:squarederror",
            "reg:squaredlogerror",
            "reg:pseudohubererror",
            "reg:gamma",
            "reg:tweedie",
            "count:poisson",
        )
    ),
    "one_drop": _whole(0, 1),
    "rate_drop": _number(0, 1),
    "sample_type": one_of(("uniform", "weighted")),
    "seed": _whole(-(2**31) + 1, 2**31 - 2),
    "skip_drop": _number(0, 1),
    "subsample": _number(0, 1, above=True),
    "tree_method": one_of(("auto", "exact", "approx", "hist")),
    "tweedie_variance_power": _tweedie_variance_power,
    "verbosity": _whole(0, 3),
}


def _csv_weights(value: Any) -> str:
    if str(value) != "1":
        raise FieldError("must be 1, since the rows of jobs/columns.py have weights; leave it out")
    return "1"


def defaults_of(posed: Posed) -> Mapping[str, str]:
    """Return what an execution runs with when its input says nothing."""
    weights = {"csv_weights": "1"} if posed.is_weighted else {}
    return {**_defaults_of_problem(posed), **weights}


def _defaults_of_problem(posed: Posed) -> Mapping[str, str]:
    if posed.problem == REGRESSION:
        return DEFAULTS
    if posed.problem == BINARY:
        return {"objective": BINARY_OBJECTIVE, **_DEFAULTS_OF_CLASSES}
    classes = {"num_class": str(posed.classes)}
    return {"objective": MULTICLASS_OBJECTIVE, **classes, **_DEFAULTS_OF_CLASSES}


def checkers_of(posed: Posed) -> Mapping[str, Checker]:
    """Return the hyperparameters that an execution may set, each with its check."""
    weights = {"csv_weights": _csv_weights} if posed.is_weighted else {}
    return {**_checkers_of_problem(posed), **weights}


def _checkers_of_problem(posed: Posed) -> Mapping[str, Checker]:
    if posed.problem == REGRESSION:
        return CHECKERS
    shared = {name: check for name, check in CHECKERS.items() if name != "tweedie_variance_power"}
    if posed.problem == BINARY:
        return {
            **shared,
            "base_score": _number(0, 1, above=True, below=True),
            "eval_metric": _some_of(_BINARY_METRICS),
            "objective": _objective(BINARY_OBJECTIVE, posed.problem),
            "scale_pos_weight": _number(0, above=True),
        }
    return {
        **shared,
        "eval_metric": _some_of(_MULTICLASS_METRICS),
        "num_class": _class_count(posed.classes),
        "objective": _objective(MULTICLASS_OBJECTIVE, posed.problem),
    }
