"""Check and type hyperparameters as the built-in XGBoost container, version 3.2-0, does.

The range of each is in `xgboost_rules`; here is one function per dependency between them. A job
that SageMaker's container would refuse is refused with the same words, before any data is read.

Source: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_algorithm_toolkit/
hyperparameter_validation.py` and `src/sagemaker_xgboost_container/algorithm_mode/
hyperparameter_validation.py`.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from pocketaws.sagemaker.xgboost.rules import (
    ALIASES,
    LINEAR_UPDATERS,
    REFRESHERS,
    RULES,
    THRESHOLD_METRICS,
    TREE_GROWERS,
    TREE_UPDATERS,
    HyperparameterRule,
    ValueKind,
)


class HyperparameterError(ValueError):
    """A hyperparameter that the container refuses.

    Attributes:
        name: The hyperparameter.
        value: What was given: the text, the value read from it, or None where it is missing.
    """

    def __init__(self, name: str, value: object, reason: str) -> None:
        """Say why `name` is refused, in the container's words."""
        super().__init__(reason)
        self.name = name
        self.value = value


_PARSERS: dict[ValueKind, Callable[[str], object]] = {
    ValueKind.INTEGER: int,
    ValueKind.CONTINUOUS: float,
    ValueKind.CATEGORICAL: str,
    ValueKind.COMMA_LIST: lambda text: text.split(","),
    ValueKind.TUPLE: ast.literal_eval,
    ValueKind.NESTED_LIST: ast.literal_eval,
}


def validate(hyperparameters: Mapping[str, str]) -> dict[str, object]:
    """Check and type hyperparameters as the container does before it reads any data.

    Args:
        hyperparameters: Names and texts, as SageMaker delivers them. The aliases `learning_rate`,
            `min_split_loss`, `reg_lambda` and `reg_alpha` are replaced by XGBoost's names.

    Returns:
        The typed values: int, float, str, a list of str (`eval_metric`, `updater`), a tuple of int
        (`monotone_constraints`) or a list of lists of int (`interaction_constraints`).

    Raises:
        HyperparameterError: One is missing, unknown, unreadable, out of its range, or does not go
            with another.
    """
    given = {ALIASES.get(name, name): text for name, text in hyperparameters.items()}
    for name, rule in RULES.items():
        if rule.required and name not in given:
            raise HyperparameterError(name, None, f"Missing required hyperparameter: {name}")
    values = {name: _parse(name, text) for name, text in given.items()}
    for name, value in values.items():
        _check_range(name, value)
    for name, check_dependency in _DEPENDENCIES.items():
        if name in values:
            check_dependency(values[name], values)
    return values


def _parse(name: str, text: str) -> object:
    rule = RULES.get(name)
    if rule is None:
        raise HyperparameterError(name, text, f"Extraneous hyperparameter found: {name}")
    try:
        return _PARSERS[rule.kind](text)
    except (ValueError, SyntaxError) as error:
        reason = f"Hyperparameter {name}: could not parse value (caused by {type(error).__name__})"
        raise HyperparameterError(name, text, reason) from error


def _check_range(name: str, value: object) -> None:
    rule = RULES[name]
    try:
        elements = list(_elements(rule.kind, value))
        allowed = all(_is_allowed(name, rule, element) for element in elements)
    except TypeError as error:
        reason = f"Hyperparameter {name}: unexpected failure when validating {value}"
        raise HyperparameterError(name, value, reason) from error
    if allowed:
        return
    if rule.kind in (ValueKind.INTEGER, ValueKind.CONTINUOUS, ValueKind.CATEGORICAL):
        reason = f"Hyperparameter {name}: {value} is not in {rule.range_text()}"
    else:
        reason = f"Hyperparameter {name}: value {value} not in range {rule.range_text()}"
    raise HyperparameterError(name, value, reason)


def _elements(kind: ValueKind, value: object) -> Sequence[object]:
    if kind in (ValueKind.COMMA_LIST, ValueKind.TUPLE):
        return cast("Sequence[object]", value)
    if kind is ValueKind.NESTED_LIST:
        groups = cast("Sequence[Sequence[object]]", value)
        return [element for group in groups for element in group]
    return [value]


def _is_allowed(name: str, rule: HyperparameterRule, element: object) -> bool:
    if name == "eval_metric" and "@" in str(element):
        _check_threshold_metric(str(element))
        return True
    return element in rule.allowed


def _check_threshold_metric(metric: str) -> None:
    """Check a metric such as `error@0.7`, whose part after the @ is a number."""
    base, threshold = (part.strip() for part in metric.split("@")[:2])
    if base not in THRESHOLD_METRICS:
        reason = (
            f"Metric '{metric}' is not supported. Parameter 'eval_metric' with customized threshold"
            " should be one of these options: 'error', 'ndcg', 'map'."
        )
        raise HyperparameterError("eval_metric", metric, reason)
    try:
        float(threshold)
    except ValueError as error:
        reason = f"Threshold value 't' in '{base}@t' expects float input."
        raise HyperparameterError("eval_metric", metric, reason) from error


def _check_objective(value: object, others: Mapping[str, object]) -> None:
    if value in ("multi:softmax", "multi:softprob") and "num_class" not in others:
        reason = "Require input for parameter 'num_class' for multi-classification"
        raise HyperparameterError("objective", value, reason)


def _check_eval_metric(value: object, others: Mapping[str, object]) -> None:
    metrics = cast("list[str]", value)
    if "objective" not in others:
        # The container looks the objective up without a default, and dies of KeyError: 'objective'.
        reason = "Hyperparameter eval_metric: needs the hyperparameter objective beside it"
        raise HyperparameterError("eval_metric", value, reason)
    objective = str(others["objective"])
    if "auc" in metrics and not objective.startswith(("binary:", "rank:")):
        reason = "Metric 'auc' can only be applied for classification and ranking problems."
        raise HyperparameterError("eval_metric", value, reason)
    if "aft-nloglik" in metrics and objective != "survival:aft":
        reason = "Metric 'aft-nloglik' can only be applied for 'survival:aft' objective."
        raise HyperparameterError("eval_metric", value, reason)


def _check_updater(value: object, others: Mapping[str, object]) -> None:
    reason = _updater_fault(cast("list[str]", value), others)
    if reason:
        raise HyperparameterError("updater", value, reason)


def _updater_fault(updaters: list[str], others: Mapping[str, object]) -> str | None:
    if others.get("booster") == "gblinear":
        one_linear = len(updaters) == 1 and updaters[0] in LINEAR_UPDATERS
        options = ", ".join(f"'{updater}'" for updater in LINEAR_UPDATERS)
        return None if one_linear else f"Linear updater should be one of these options: {options}."
    if others.get("process_type") == "update":
        fault = "process_type 'update' can only be used with updater 'refresh' and 'prune'"
        return None if all(updater in REFRESHERS for updater in updaters) else fault
    if not all(updater in TREE_UPDATERS for updater in updaters):
        options = ", ".join(f"'{updater}'" for updater in TREE_UPDATERS)
        return f"Tree updater should be selected from these options: {options}."
    if sum(updater in TREE_GROWERS for updater in updaters) > 1:
        options = ", ".join(f"'{updater}'" for updater in TREE_GROWERS)
        return (
            f"Only one tree grow plugin can be selected. Choose one from the following: {options}"
        )
    return None


def _check_monotone_constraints(value: object, others: Mapping[str, object]) -> None:
    if others.get("tree_method") not in ("exact", "hist"):
        reason = (
            "monotone_constraints can be used only when the tree_method parameter is set to either"
            " 'exact' or 'hist'."
        )
        raise HyperparameterError("monotone_constraints", value, reason)


def _check_interaction_constraints(value: object, others: Mapping[str, object]) -> None:
    if others.get("tree_method") not in ("exact", "hist", "approx"):
        reason = (
            "interaction_constraints can be used only when the tree_method parameter is set to"
            " either 'exact', 'hist' or 'approx'."
        )
        raise HyperparameterError("interaction_constraints", value, reason)


_DEPENDENCIES: dict[str, Callable[[object, Mapping[str, object]], None]] = {
    "objective": _check_objective,
    "eval_metric": _check_eval_metric,
    "updater": _check_updater,
    "monotone_constraints": _check_monotone_constraints,
    "interaction_constraints": _check_interaction_constraints,
}
