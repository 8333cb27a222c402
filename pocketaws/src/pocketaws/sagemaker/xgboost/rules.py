"""What each hyperparameter of the built-in XGBoost container, version 3.2-0, may be.

The rules are data: one `Rule` per name. `xgboost_hyperparameters` applies them.

Source: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/algorithm_mode/
hyperparameter_validation.py` and `constants/xgb_constants.py`; `reg:absoluteerror` from its pull
request 395; `use_dask_gpu_training` from `algorithm_mode/train.py`.
"""

from dataclasses import dataclass
from enum import Enum
from math import isinf

MAXIMIZED_METRICS = (
    *("accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map"),
    *("ndcg", "precision", "r2", "recall", "precision_macro", "precision_micro"),
    *("recall_macro", "recall_micro"),
)
MINIMIZED_METRICS = (
    *("aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik"),
    *("interval-regression-accuracy", "logloss", "mae", "mape", "merror", "mlogloss", "mphe"),
    *("mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik"),
)
METRICS = MAXIMIZED_METRICS + MINIMIZED_METRICS
THRESHOLD_METRICS = ("error", "ndcg", "map")

OBJECTIVES = (
    *("aft_loss_distribution", "binary:logistic", "binary:logitraw", "binary:hinge"),
    *("count:poisson", "multi:softmax", "multi:softprob", "rank:pairwise", "rank:ndcg"),
    *("rank:map", "reg:linear", "reg:squarederror", "reg:logistic", "reg:gamma"),
    *("reg:pseudohubererror", "reg:squaredlogerror", "reg:tweedie", "reg:absoluteerror"),
    *("survival:aft", "survival:cox"),
)
LINEAR_UPDATERS = ("shotgun", "coord_descent")
TREE_GROWERS = ("grow_colmaker", "distcol", "grow_histmaker")
# grow_skmaker builds trees too, but the container does not count it among the growers.
TREE_UPDATERS = (*TREE_GROWERS, "grow_skmaker", "sync", "refresh", "prune")
REFRESHERS = ("refresh", "prune")

ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
}


class ValueKind(Enum):
    """How the text of a hyperparameter is read and what its range applies to."""

    INTEGER = "integer"
    CONTINUOUS = "continuous"
    CATEGORICAL = "categorical"
    COMMA_LIST = "comma-list"
    TUPLE = "tuple"
    NESTED_LIST = "nested list"


@dataclass(frozen=True)
class Interval:
    """A range of numbers in its mathematical notation, such as `(0, 1]` or `[1, +inf)`."""

    notation: str

    def __contains__(self, number: object) -> bool:
        """Tell whether `number` lies inside; NaN does, since the container compares the same way.

        Raises:
            TypeError: It is no number.
        """
        if not isinstance(number, int | float):
            raise TypeError(f"{number!r} is not a number")
        low, high = (float(bound) for bound in self.notation[1:-1].split(","))
        too_low = number < low or (self.notation.startswith("(") and number == low)
        # Where the container has no upper bound, infinity is taken, too.
        is_open = self.notation.endswith(")") and not isinf(high)
        too_high = number > high or (is_open and number == high)
        return not (too_low or too_high)

    def __str__(self) -> str:
        """Return the notation, which is how the container prints a range."""
        return self.notation


@dataclass(frozen=True)
class HyperparameterRule:
    """What one hyperparameter may be; `allowed` holds for each element of a list."""

    kind: ValueKind
    allowed: Interval | tuple[object, ...]
    required: bool = False

    def range_text(self) -> str:
        """Return the range as the container prints it in an error."""
        return str(self.allowed if isinstance(self.allowed, Interval) else list(self.allowed))


def _integer(notation: str, *, required: bool = False) -> HyperparameterRule:
    return HyperparameterRule(ValueKind.INTEGER, Interval(notation), required)


def _continuous(notation: str) -> HyperparameterRule:
    return HyperparameterRule(ValueKind.CONTINUOUS, Interval(notation))


def _one_of(*values: str) -> HyperparameterRule:
    return HyperparameterRule(ValueKind.CATEGORICAL, values)


RULES: dict[str, HyperparameterRule] = {
    # the job
    "num_round": _integer("[1, +inf)", required=True),
    "csv_weights": _integer("[0, 1]"),
    "early_stopping_rounds": _integer("[1, +inf)"),
    "eval_metric": HyperparameterRule(ValueKind.COMMA_LIST, METRICS),
    "save_model_on_termination": _one_of("true", "false"),
    "use_dask_gpu_training": _one_of("true", "false"),
    "_kfold": _integer("[2, +inf)"),
    "_num_cv_round": _integer("[1, +inf)"),
    "_tuning_objective_metric": _one_of(*(f"validation:{metric}" for metric in METRICS)),
    # general
    "booster": _one_of("gbtree", "gblinear", "dart"),
    "verbosity": _integer("[0, 3]"),
    "nthread": _integer("[1, +inf)"),
    "seed": _integer("(-2147483648, 2147483647)"),
    "dsplit": _one_of("row", "col"),
    # the learning task
    "objective": _one_of(*OBJECTIVES),
    "num_class": _integer("[2, +inf)"),
    "base_score": _continuous("[0, +inf)"),
    "tweedie_variance_power": _continuous("(1, 2)"),
    "aft_loss_distribution": _one_of("normal", "logistic", "extreme"),
    "aft_loss_distribution_scale": _continuous("[0, +inf)"),
    # trees
    "eta": _continuous("[0, 1]"),
    "gamma": _continuous("[0, +inf)"),
    "max_depth": _integer("[0, +inf)"),
    "min_child_weight": _continuous("[0, +inf)"),
    "max_delta_step": _continuous("[0, +inf)"),
    "subsample": _continuous("(0, 1]"),
    "sampling_method": _one_of("uniform", "gradient_based"),
    "colsample_bytree": _continuous("(0, 1]"),
    "colsample_bylevel": _continuous("(0, 1]"),
    "colsample_bynode": _continuous("(0, 1]"),
    "lambda": _continuous("[0, +inf)"),
    "alpha": _continuous("[0, +inf)"),
    "tree_method": _one_of("auto", "exact", "approx", "hist", "gpu_hist"),
    "sketch_eps": _continuous("(0, 1)"),
    "scale_pos_weight": _continuous("(0, +inf)"),
    "updater": HyperparameterRule(ValueKind.COMMA_LIST, (*TREE_UPDATERS, *LINEAR_UPDATERS)),
    "refresh_leaf": _integer("[0, 1]"),
    "process_type": _one_of("default", "update"),
    "grow_policy": _one_of("depthwise", "lossguide"),
    "max_leaves": _integer("[0, +inf)"),
    "max_bin": _integer("[0, +inf)"),
    "num_parallel_tree": _integer("[1, +inf)"),
    "predictor": _one_of("auto", "cpu_predictor", "gpu_predictor"),
    "monotone_constraints": HyperparameterRule(ValueKind.TUPLE, (-1, 0, 1)),
    "interaction_constraints": HyperparameterRule(ValueKind.NESTED_LIST, Interval("[1, +inf)")),
    "deterministic_histogram": _one_of("true", "false"),
    "prob_buffer_row": _integer("(1.0, +inf)"),
    # dart and the linear booster
    "sample_type": _one_of("uniform", "weighted"),
    "normalize_type": _one_of("tree", "forest"),
    "rate_drop": _continuous("[0, 1]"),
    "one_drop": _integer("[0, 1]"),
    "skip_drop": _continuous("[0, 1]"),
    "lambda_bias": _continuous("[0, 1]"),
}
