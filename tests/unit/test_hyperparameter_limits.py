"""What XGBoost cannot train with is refused before a job starts; what it just can is not.

XGBoost itself is asked, with what the container would hand to it. That cannot work which fails, and
what predicts NaN, infinity or 0 for each row.
"""

import json
from typing import Any, Final

import numpy as np
import pytest
import xgboost as xgb

from pocketaws.sagemaker.xgboost.hyperparameters import validate
from tests.unit.prepared_input import DEFAULT_HYPERPARAMETERS, parse, problems_of

pytestmark = pytest.mark.slow

GAMMA: Final = {"objective": "reg:gamma"}
TWEEDIE: Final = {"objective": "reg:tweedie"}
POISSON: Final = {"objective": "count:poisson", "min_child_weight": 1}
DART: Final = {"booster": "dart"}
PRECISE: Final = "too small for XGBoost's single precision; give at least 1.2e-38"

# What else is given, the hyperparameter, the value that just works, the one past it, the remedy.
LIMITS: Final[list[tuple[dict[str, Any], str, Any, Any, str]]] = [
    (GAMMA, "base_score", 0.01, 0, "must be above 0 with the objective reg:gamma"),
    (TWEEDIE, "base_score", 0.01, 0.0, "must be above 0 with the objective reg:tweedie"),
    (POISSON, "base_score", 0.01, "0e5", "must be above 0 with the objective count:poisson"),
    (TWEEDIE, "tweedie_variance_power", 1.99999, 1.999996, "give at most 1.99999"),
    ({"tree_method": "exact"}, "max_depth", 1, 0, "must be at least 1 with the tree_method exact"),
    ({}, "eval_metric", "gamma-nloglik", "tweedie-nloglik", "reg:tweedie prints it by itself"),
    *(
        ({}, name, 3.4e38, 3.5e38, "must be at least 0 and at most 3.4e+38")
        for name in ("alpha", "gamma", "lambda", "max_delta_step", "min_child_weight", "base_score")
    ),
    *(
        ({}, name, 1.2e-38, 1.1e-38, f"{PRECISE} or 0")
        for name in ("alpha", "eta", "gamma", "lambda", "max_delta_step", "min_child_weight")
    ),
    *(
        ({}, name, 1.2e-38, 1.1e-38, PRECISE)
        for name in ("subsample", "colsample_bylevel", "colsample_bynode", "colsample_bytree")
    ),
    *((DART, name, 1.2e-38, 1.1e-38, f"{PRECISE} or 0") for name in ("rate_drop", "skip_drop")),
    *(
        ({}, name, 2**31 - 1, 2**31, "at least 0 and at most 2147483647")
        for name in ("max_depth", "max_leaves")
    ),
    ({}, "max_bin", 2**31 - 1, 2**31, "at least 2 and at most 2147483647"),
    ({}, "nthread", 2**31 - 1, 2**31, "at least 1 and at most 2147483647"),
]
# Boosting so many would not end; XGBoost refuses what is past it.
NOT_TRAINED: Final = ("early_stopping_rounds", "num_parallel_tree", "num_round")


def readable(value: Any) -> str:
    return json.dumps(value)[:40]


def works(hyperparameters: dict[str, Any]) -> bool:
    """Return whether a model comes out that answers rows with numbers that are not all 0."""
    texts = {name: str(value) for name, value in hyperparameters.items()}
    values = validate({**DEFAULT_HYPERPARAMETERS, "nthread": "1", "verbosity": "0", **texts})
    random = np.random.default_rng(7)
    features = random.random((200, 3), dtype=np.float32)
    rows = xgb.DMatrix(features, label=5 + 3 * features[:, 0])
    parameters = {name: value for name, value in values.items() if name != "num_round"}
    try:
        booster = xgb.train(
            parameters, rows, num_boost_round=2, evals=[(rows, "train")], verbose_eval=False
        )
        predicted = booster.predict(rows)
    except xgb.core.XGBoostError:
        return False
    return bool(np.isfinite(predicted).all() and np.abs(predicted).max() > 0)


@pytest.mark.parametrize(("others", "name", "good", "bad", "remedy"), LIMITS, ids=readable)
def test_what_xgboost_cannot_train_with_is_refused_and_what_it_just_can_is_not(
    others: dict[str, Any], name: str, good: Any, bad: Any, remedy: str
) -> None:
    just_works, past_it = {**others, name: good}, {**others, name: bad}
    (problem,) = problems_of({"hyperparameters": past_it})

    assert problem.startswith(f"hyperparameters.{name} = ")
    assert remedy in problem
    assert parse({"hyperparameters": just_works}).hyperparameters[name] == str(good)
    assert works(just_works)
    assert not works(past_it)


@pytest.mark.parametrize("name", NOT_TRAINED)
def test_a_whole_number_past_32_bits_is_refused_where_training_would_not_end(name: str) -> None:
    (problem,) = problems_of({"hyperparameters": {name: 2**31}})

    assert "must be a whole number at least 1 and at most 2147483647" in problem
    assert parse({"hyperparameters": {name: 2**31 - 1}}).hyperparameters[name] == "2147483647"


def test_exact_trees_are_grown_on_one_instance_only() -> None:
    # "exact tree method doesn't support distributed training", says each host's XGBoost.
    exact = {"hyperparameters": {"tree_method": "exact"}}
    (problem,) = problems_of({**exact, "training_instance_count": 2})

    assert problem.startswith("hyperparameters.tree_method = exact: trains on one instance only")
    assert "training_instance_count is 2; lower that to 1" in problem
    assert parse({**exact, "training_instance_count": 1}).training_instance_count == 1


def test_a_linear_booster_grows_no_trees_so_that_their_method_does_not_matter() -> None:
    linear = {"booster": "gblinear", "tree_method": "exact", "max_depth": 0}

    assert parse({"hyperparameters": linear}).hyperparameters["booster"] == "gblinear"
    assert works(linear)


def test_a_thousand_wrong_fields_fit_into_what_an_execution_may_hold() -> None:
    fields = {f"{number:04}" + "ü" * 200: "ü" * 1000 for number in range(1000)}
    problems = problems_of(fields)

    assert len(problems) == 21
    assert problems[0].startswith("0000üü")
    assert problems[-1] == "and 980 more problems"
    # As Lambda answers, with room for the trace.
    assert len(json.dumps({"errorMessage": "\n".join(problems)})) < 32_768 - 2_000


def test_twenty_wrong_fields_are_all_told() -> None:
    problems = problems_of({f"{number:04}": 0 for number in range(20)})

    assert len(problems) == 20
    assert not any("more problems" in problem for problem in problems)
