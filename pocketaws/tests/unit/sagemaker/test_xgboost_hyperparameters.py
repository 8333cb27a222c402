"""The rules of the XGBoost container, case by case."""

import pytest

from pocketaws.sagemaker.xgboost.hyperparameters import HyperparameterError, validate
from pocketaws.sagemaker.xgboost.rules import RULES, ValueKind

ACCEPTED = [
    ("num_round", "100", {}, 100),
    ("csv_weights", "1", {}, 1),
    ("eta", "0", {}, 0.0),
    ("eta", "1", {}, 1.0),
    ("eta", "2e-1", {}, 0.2),
    ("gamma", "4", {}, 4.0),
    ("gamma", "inf", {}, float("inf")),
    ("max_delta_step", "Infinity", {}, float("inf")),
    ("scale_pos_weight", "inf", {}, float("inf")),
    ("max_depth", "0", {}, 0),
    ("subsample", "1.0", {}, 1.0),
    ("seed", "-7", {}, -7),
    ("scale_pos_weight", "0.001", {}, 0.001),
    ("tweedie_variance_power", "1.5", {}, 1.5),
    ("base_score", "0.5", {}, 0.5),
    ("prob_buffer_row", "2", {}, 2),
    ("tree_method", "gpu_hist", {}, "gpu_hist"),
    ("objective", "reg:absoluteerror", {}, "reg:absoluteerror"),
    ("objective", "multi:softprob", {"num_class": "3"}, "multi:softprob"),
    ("num_class", "3", {"objective": "reg:squarederror"}, 3),
    ("eval_metric", "rmse,mae", {"objective": "reg:squarederror"}, ["rmse", "mae"]),
    ("eval_metric", "auc", {"objective": "binary:logistic"}, ["auc"]),
    ("eval_metric", "error@0.7", {"objective": "binary:logistic"}, ["error@0.7"]),
    ("eval_metric", "aft-nloglik", {"objective": "survival:aft"}, ["aft-nloglik"]),
    ("_tuning_objective_metric", "validation:mse", {}, "validation:mse"),
    ("updater", "grow_colmaker,prune", {}, ["grow_colmaker", "prune"]),
    ("updater", "shotgun", {"booster": "gblinear"}, ["shotgun"]),
    ("updater", "refresh,prune", {"process_type": "update"}, ["refresh", "prune"]),
    ("monotone_constraints", "(1, 0, -1)", {"tree_method": "hist"}, (1, 0, -1)),
    ("interaction_constraints", "[[1, 2], [3]]", {"tree_method": "approx"}, [[1, 2], [3]]),
]

REFUSED = [
    ("num_round", "0", {}, "Hyperparameter num_round: 0 is not in [1, +inf)"),
    ("num_round", "ten", {}, "Hyperparameter num_round: could not parse value"),
    ("max_depth", "6.0", {}, "Hyperparameter max_depth: could not parse value"),
    ("eta", "1.01", {}, "Hyperparameter eta: 1.01 is not in [0, 1]"),
    ("eta", "-0.1", {}, "Hyperparameter eta: -0.1 is not in [0, 1]"),
    ("eta", "", {}, "Hyperparameter eta: could not parse value"),
    ("subsample", "0", {}, "Hyperparameter subsample: 0.0 is not in (0, 1]"),
    ("sketch_eps", "1", {}, "Hyperparameter sketch_eps: 1.0 is not in (0, 1)"),
    ("tweedie_variance_power", "2", {}, "2.0 is not in (1, 2)"),
    ("scale_pos_weight", "0", {}, "0.0 is not in (0, +inf)"),
    ("seed", "2147483647", {}, "2147483647 is not in (-2147483648, 2147483647)"),
    ("prob_buffer_row", "1", {}, "1 is not in (1.0, +inf)"),
    ("_kfold", "1", {}, "1 is not in [2, +inf)"),
    ("verbosity", "4", {}, "4 is not in [0, 3]"),
    ("booster", "forest", {}, "forest is not in ['gbtree', 'gblinear', 'dart']"),
    ("tree_method", "gpu_exact", {}, "gpu_exact is not in ['auto', 'exact', 'approx'"),
    ("objective", "reg:quantileerror", {}, "Hyperparameter objective: reg:quantileerror"),
    ("objective", "multi:softmax", {}, "Require input for parameter 'num_class'"),
    ("save_model_on_termination", "True", {}, "True is not in ['true', 'false']"),
    ("_tuning_objective_metric", "train:rmse", {}, "train:rmse is not in ['validation:"),
    ("eval_metric", "rmse,nope", {"objective": "reg:gamma"}, "value ['rmse', 'nope'] not in range"),
    ("eval_metric", "rmse@1", {"objective": "reg:gamma"}, "Metric 'rmse@1' is not supported"),
    ("eval_metric", "error@x", {"objective": "reg:gamma"}, "in 'error@t' expects float input"),
    ("eval_metric", "auc", {"objective": "reg:gamma"}, "only be applied for classification"),
    ("eval_metric", "aft-nloglik", {"objective": "reg:gamma"}, "'survival:aft' objective"),
    ("eval_metric", "rmse", {}, "needs the hyperparameter objective"),
    ("updater", "grow_quantile_histmaker", {}, "value ['grow_quantile_histmaker'] not in range"),
    ("updater", "grow_local_histmaker", {}, "value ['grow_local_histmaker'] not in range"),
    ("updater", "prune,grow_local_histmaker", {}, "not in range"),
    ("single_precision_histogram", "true", {}, "Extraneous hyperparameter found"),
    ("subsample", "inf", {}, "inf is not in (0, 1]"),
    ("gamma", "-inf", {}, "-inf is not in [0, +inf)"),
    ("max_depth", "inf", {}, "could not parse value"),
    ("updater", "shotgun", {}, "Tree updater should be selected from these options"),
    ("updater", "distcol,grow_colmaker", {}, "Only one tree grow plugin can be selected"),
    ("updater", "prune", {"booster": "gblinear"}, "Linear updater should be one of these"),
    ("updater", "sync", {"process_type": "update"}, "process_type 'update' can only be used"),
    ("monotone_constraints", "(1, 2)", {"tree_method": "hist"}, "value (1, 2) not in range"),
    ("monotone_constraints", "(1, -1)", {}, "only when the tree_method parameter is set"),
    ("monotone_constraints", "(1, -1)", {"tree_method": "approx"}, "either 'exact' or 'hist'"),
    ("monotone_constraints", "(1,", {"tree_method": "hist"}, "could not parse value"),
    ("monotone_constraints", "1", {"tree_method": "hist"}, "unexpected failure when validating"),
    ("interaction_constraints", "[[0]]", {"tree_method": "hist"}, "value [[0]] not in range [1"),
    ("interaction_constraints", "[[1]]", {}, "'exact', 'hist' or 'approx'"),
    ("interaction_constraints", "[['a']]", {"tree_method": "hist"}, "unexpected failure"),
    ("epochs", "3", {}, "Extraneous hyperparameter found: epochs"),
    ("silent", "1", {}, "Extraneous hyperparameter found: silent"),
]


@pytest.mark.parametrize(("name", "text", "others", "value"), ACCEPTED)
def test_a_value_within_the_rules_is_typed(
    name: str, text: str, others: dict[str, str], value: object
) -> None:
    values = validate({"num_round": "1", **others, name: text})

    assert values[name] == value
    assert type(values[name]) is type(value)


@pytest.mark.parametrize(("name", "text", "others", "reason"), REFUSED)
def test_a_value_outside_the_rules_is_refused_in_the_words_of_the_container(
    name: str, text: str, others: dict[str, str], reason: str
) -> None:
    with pytest.raises(HyperparameterError) as refusal:
        validate({"num_round": "1", **others, name: text})

    assert reason in str(refusal.value)
    assert refusal.value.name == name


def test_num_round_is_the_one_required_hyperparameter() -> None:
    with pytest.raises(HyperparameterError) as refusal:
        validate({})

    assert str(refusal.value) == "Missing required hyperparameter: num_round"
    assert refusal.value.value is None
    assert [name for name, rule in RULES.items() if rule.required] == ["num_round"]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("learning_rate", "eta"),
        ("min_split_loss", "gamma"),
        ("reg_lambda", "lambda"),
        ("reg_alpha", "alpha"),
    ],
)
def test_an_alias_is_replaced_by_the_name_of_xgboost(alias: str, name: str) -> None:
    assert validate({"num_round": "1", alias: "0.5"}) == {"num_round": 1, name: 0.5}


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, rule in RULES.items()
        if rule.kind in (ValueKind.INTEGER, ValueKind.CONTINUOUS)
    ],
)
def test_every_number_refuses_what_is_not_a_number(name: str) -> None:
    with pytest.raises(HyperparameterError, match=f"Hyperparameter {name}: could not parse value"):
        validate({"num_round": "1", name: "invalid"})


@pytest.mark.parametrize(
    "name", [name for name, rule in RULES.items() if rule.kind is ValueKind.CATEGORICAL]
)
def test_every_category_refuses_what_it_does_not_list(name: str) -> None:
    with pytest.raises(HyperparameterError, match=f"Hyperparameter {name}: invalid is not in"):
        validate({"num_round": "1", name: "invalid"})


def test_the_published_abalone_example_is_accepted() -> None:
    values = validate(
        {
            "max_depth": "5",
            "eta": "0.2",
            "gamma": "4",
            "min_child_weight": "6",
            "subsample": "0.7",
            "objective": "reg:squarederror",
            "num_round": "50",
            "verbosity": "2",
        }
    )

    assert values["min_child_weight"] == 6.0
    assert values["num_round"] == 50
