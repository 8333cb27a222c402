"""The execution input: what it may hold, what it is merged over, what a wrong one is told."""

import json
from typing import Any

import pytest

from pocketaws.sagemaker.xgboost.hyperparameters import HyperparameterError, validate
from tests.unit.prepared_input import (
    DEFAULT_HYPERPARAMETERS,
    FIELDS,
    parse,
    prepare,
    problems_of,
)

URI, WHOLE = "such as 's3://bucket/raw/'", "must be a whole number"
WRONG: list[tuple[str, Any, str]] = [
    ("input_data_uri", "https://bucket/raw/", URI),
    ("input_data_uri", "s3://bucket", URI),
    ("input_data_uri", "s3://Bucket/raw/", URI),
    ("input_data_uri", "s3://bucket/raw?versionId=1", URI),
    ("input_data_uri", None, URI),
    ("validation_share", 0.0099, "must be from 0.01 to 0.5"),
    ("validation_share", 0.501, "must be from 0.01 to 0.5"),
    ("validation_share", "0.15", "must be a number, without quotes"),
    ("validation_share", True, "must be a number, without quotes"),
    ("validation_share", float("nan"), "such as 0.15 for 15 %"),
    ("test_share", 0, "must be from 0.01 to 0.49"),
    ("test_share", 0.4901, "must be from 0.01 to 0.49"),
    ("max_rejected_share", -0.01, "must be from 0 to"),
    ("max_rejected_share", 1, "must be from 0 to 0.99"),
    ("input_data_uri", "s3://bucket/raw\n", "must be the S3 URI of an object"),
    ("input_data_uri", "s3://bucket/" + "k" * 1013, "SageMaker takes at most 1024"),
    ("input_data_uri", "s3://bucket/" + "ü" * 513, "a key of 1026 bytes, and S3 takes at most"),
    ("split_seed", -1, "must be from 0 to 4294967295"),
    ("split_seed", 2**32, "must be from 0 to 4294967295"),
    ("split_seed", 1.5, WHOLE),
    ("split_seed", "42", "without quotes"),
    ("split_seed", True, WHOLE),
    ("split_seed", None, WHOLE),
    ("processing_instance_type", "ML.M5.XLARGE", "such as 'ml.m5.xlarge'"),
    ("training_instance_type", "ml.m5", "such as 'ml.m5.xlarge'"),
    ("processing_instance_count", 0, "must be from 1 to 100"),
    ("processing_instance_count", 101, "must be from 1 to 100"),
    ("training_instance_count", 101, "must be from 1 to"),
    ("processing_volume_size_gb", 16_385, "must be from 1 to 16384 GB"),
    ("training_volume_size_gb", "30", "must be a whole number of GB, without quotes"),
    ("processing_max_runtime_seconds", 777_601, "must be from 1 to 777600 seconds"),
    ("training_max_runtime_seconds", 2_419_201, "must be from 1 to 2419200 seconds"),
    ("training_max_wait_seconds", 0, "must be from 1 to 2419200 seconds"),
    ("training_use_spot", "true", "must be true or false, without quotes"),
    ("training_use_spot", 1, "must be true or false, without quotes"),
    ("max_mse", 0, "must be above 0 and at most 1e+12"),
    ("max_mse", "6.0", "must be a number, without quotes"),
    ("max_mse_increase", -0.01, "must be from 0 to 10"),
    ("if_not_comparable", "release", "must be one of ask, refuse, max_mse"),
    ("approval", "yes", "must be one of automatic, automatic_if_better, required"),
    ("approval", True, "must be one of automatic, automatic_if_better, required"),
    ("approval_min_improvement", 1, "must be from 0 to 0.99"),
    ("approval_timeout_seconds", 0, "must be from 1 to 31449600 seconds"),
    ("approval_timeout_seconds", 31_449_601, "must be from 1 to 31449600 seconds"),
    ("batch_data_uri", "rows.csv", URI),
    ("batch_data_uri", None, URI),
    ("batch_data_uri", "s3://bucket/" + "ü" * 513, "a key of 1026 bytes, and S3 takes at most"),
    ("batch_instance_type", "", "such as 'ml.m5.xlarge'"),
    ("batch_instance_count", 101, "must be from 1 to 100"),
    ("batch_timeout_seconds", 604_801, "must be from 1 to 604800 seconds"),
    ("tags", ["team"], "must be an object of texts"),
    ("tags", {"team": 3}, "tag 'team' must be a text; put 3 in quotes"),
    ("tags", {"AWS:team": "x"}, "must not start with 'aws:'"),
    ("tags", {"": "x"}, "a key has 1 to 128 characters"),
    ("tags", {"k" * 129: "x"}, "a key has 1 to 128 characters"),
    ("tags", {"team": "x" * 257}, "a value up to 256"),
    ("tags", {"team": "a\tb"}, "may hold letters, digits, spaces and"),
    ("tags", {"team": "a;b"}, "may hold letters, digits, spaces and"),
    ("tags", {str(number): "x" for number in range(41)}, "holds 41 tags; at most 40 fit"),
    ("started_by", None, "must be a text such as"),
    ("started_by", "", "must be a text such as"),
    ("started_by", " me", "the first one a letter or a digit"),
    ("started_by", "m" * 65, "1 to 64 letters"),
    ("started_by", "me\n", "letters, digits, spaces"),
    ("hyperparameters", None, 'must be an object such as {"num_round": 100}'),
    ("hyperparameters.num_round", 0, "must be a whole number at least 1"),
    ("hyperparameters.num_round", 2.5, WHOLE),
    ("hyperparameters.num_round", True, "must be a number"),
    ("hyperparameters.eta", "NaN", "must be a finite number"),
    ("hyperparameters.eta", "fast", "must be a number"),
    ("hyperparameters.eta", None, "must be a number"),
    ("hyperparameters.eta", 10**400, "must be a number, and not a huge one"),
    # Python reads both as a number, and XGBoost neither.
    ("hyperparameters.eta", "0.1_5", "must be a number in plain digits"),
    ("hyperparameters.eta", "\u0660.1", "must be a number in plain digits"),
    ("cache", {"expires_after": "P\u0661D"}, "expires_after must be a duration of ISO 8601"),
    ("hyperparameters.eta", "0." + "1" * 2500, "must have at most 2500 characters"),
    ("hyperparameters.subsample", 0, "must be above 0 and at most 1"),
    ("hyperparameters.tweedie_variance_power", 2, "must be above 1 and below 2"),
    ("hyperparameters.booster", ["dart"], "must be one of gbtree, gblinear, dart"),
    ("hyperparameters.eval_metric", "rmse,auc", "separated by commas"),
    ("split_sed", 7, "no such field; did you mean 'split_seed'?"),
    ("colour", "red", "no such field; known are"),
]

# Hyperparameters; what is accepted; what is just outside, here and in the container.
EDGES: list[tuple[str, list[Any], list[Any]]] = [
    ("colsample_bylevel colsample_bynode colsample_bytree subsample", [0.001, 1], [0, 1.001]),
    ("eta lambda_bias rate_drop skip_drop", [0, 1e-05, "0.5", 1], [-0.001, 1.001]),
    ("alpha base_score gamma lambda max_delta_step min_child_weight", [0, "2e1"], [-0.001]),
    ("early_stopping_rounds nthread num_parallel_tree num_round", [1, " 100 "], [0]),
    ("max_depth max_leaves", [0, 5.0, "6.0"], [-1]),
    ("max_bin", [2, 256], [-1]),
    ("one_drop", [0, 1], [-1, 2]),
    ("seed", [-(2**31) + 1, 2**31 - 2], [-(2**31), 2**31 - 1]),
    ("tweedie_variance_power", [1.001, 1.999], [1, 2]),
    ("verbosity", [0, 3], [-1, 4]),
    ("booster", ["gbtree", "gblinear", "dart"], ["forest"]),
    ("eval_metric", ["rmse", "mae,gamma-deviance,poisson-nloglik"], ["auc", "rmse, mae", ""]),
    ("grow_policy", ["depthwise", "lossguide"], ["none"]),
    ("normalize_type", ["tree", "forest"], ["none"]),
    ("objective", ["reg:pseudohubererror", "count:poisson"], ["reg:quantileerror"]),
    ("sample_type", ["uniform", "weighted"], ["none"]),
    ("tree_method", ["auto", "exact", "approx", "hist"], ["gpu_exact"]),
]
ACCEPTED = [(name, value) for names, good, _ in EDGES for name in names.split() for value in good]
REFUSED = [(name, value) for names, _, bad in EDGES for name in names.split() for value in bad]


def readable(value: Any) -> str:
    return json.dumps(value)[:40]


@pytest.mark.parametrize("execution_input", [{}, {"Comment": "by hand"}], ids=readable)
def test_without_fields_the_defaults_hold(execution_input: dict[str, str]) -> None:
    settings = parse(execution_input)

    defaults = {name: default for name, (default, _) in FIELDS.items()}
    defaults |= {"problem": "regression", "features": 0}
    assert vars(settings) == {**defaults, "hyperparameters": DEFAULT_HYPERPARAMETERS}


def test_every_field_can_be_set() -> None:
    values = {name: value for name, (_, value) in FIELDS.items() if name != "max_mse"}
    settings = parse({**values, "hyperparameters": {"num_round": 100, "eta": "0.3"}})

    merged = {**DEFAULT_HYPERPARAMETERS, "num_round": "100", "eta": "0.3"}
    others = {"max_mse": 6.0, "problem": "regression", "features": 0}
    assert vars(settings) == {**values, **others, "hyperparameters": merged}
    assert {*FIELDS, "hyperparameters"} == set(prepare.execution_input.FIELD_NAMES)


def test_fields_inside_input_count_as_those_beside_it() -> None:
    settings = parse({"started_by": "schedule", "input": {"split_seed": 7, "Comment": "x"}})

    assert settings == parse({"started_by": "schedule", "split_seed": 7})
    assert problems_of({"input": {"split_seed": -1}}) == problems_of({"split_seed": -1})


@pytest.mark.parametrize(
    ("execution_input", "told"),
    [
        ({"input": [7]}, "input: must be an object of fields"),
        ({"input": {"split_seed": 1}, "split_seed": 1}, "split_seed: stands beside input and in"),
        ({"input": {"input": {}}}, "input = {}: no such field"),
    ],
    ids=readable,
)
def test_an_input_in_the_input_is_refused_where_it_is_unclear(
    execution_input: dict[str, Any], told: str
) -> None:
    (problem,) = problems_of(execution_input)

    assert problem.startswith(told)
    (said_at_once,) = prepare.execution_input.given_problems(execution_input)
    assert said_at_once.startswith(told)


@pytest.mark.parametrize(("field", "value", "remedy"), WRONG, ids=readable)
def test_a_wrong_field_is_told_by_name_value_and_remedy(
    field: str, value: Any, remedy: str
) -> None:
    group, _, name = field.partition(".")
    (problem,) = problems_of({group: {name: value}} if name else {group: value})

    assert problem.startswith(f"{field} = {json.dumps(value, ensure_ascii=False)[:80]}")
    assert remedy in problem


@pytest.mark.parametrize("execution_input", [None, 7, "{}", [], True], ids=readable)
def test_an_input_that_is_no_object_is_refused(execution_input: Any) -> None:
    (problem,) = problems_of(execution_input)

    assert problem.startswith('must be a JSON object such as {} or {"split_seed": 7}, not ')


def test_all_wrong_fields_are_told_at_once() -> None:
    problems = problems_of(
        {"split_seed": -1, "tags": [], "sed": 1, "hyperparameters": {"eta": 2, "num_rounds": 9}}
    )

    names = [problem.partition(" = ")[0] for problem in problems]
    assert names == [
        "hyperparameters.eta",
        "hyperparameters.num_rounds",
        "sed",
        "split_seed",
        "tags",
    ]
    assert problems[1].endswith("no such hyperparameter; did you mean 'num_round'?")


def test_a_long_value_is_cut() -> None:
    (problem,) = problems_of({"input_data_uri": "x" * 1000})

    assert "x…: must be" in problem
    assert len(problem) < 200


def test_shares_that_leave_less_than_a_tenth_for_training_are_refused() -> None:
    (problem,) = problems_of({"validation_share": 0.5, "test_share": 0.41})

    assert problem.startswith("validation_share = 0.5 and test_share = 0.41: leave less than")
    assert parse({"validation_share": 0.5, "test_share": 0.4}).test_share == 0.4


@pytest.mark.parametrize(("runtime", "wait"), [(60, 7200), (7200, 7200), (9000, 9000)])
def test_the_default_wait_is_never_shorter_than_the_training(runtime: int, wait: int) -> None:
    settings = parse({"training_use_spot": True, "training_max_runtime_seconds": runtime})

    assert settings.training_max_wait_seconds == wait


@pytest.mark.parametrize("spot", [True, False], ids=["spot", "on-demand"])
def test_a_given_wait_must_hold_the_training(spot: bool) -> None:
    given = {"training_use_spot": spot, "training_max_wait_seconds": 3599}
    (problem,) = problems_of(given)

    assert problem.startswith("training_max_wait_seconds = 3599: must be at least ")
    assert "training_max_runtime_seconds (3600)" in problem
    assert parse({**given, "training_max_runtime_seconds": 3599}).training_max_wait_seconds == 3599


def test_the_container_accepts_the_default_hyperparameters() -> None:
    values = validate(parse({}).hyperparameters)

    assert values["num_round"] == 50


@pytest.mark.parametrize(("name", "value"), ACCEPTED, ids=readable)
def test_the_container_accepts_what_is_accepted_here(name: str, value: Any) -> None:
    settings = parse({"hyperparameters": {name: value}})

    assert name in validate(settings.hyperparameters)


@pytest.mark.parametrize(("name", "value"), REFUSED, ids=readable)
def test_the_container_refuses_what_is_refused_here(name: str, value: Any) -> None:
    (problem,) = problems_of({"hyperparameters": {name: value}})

    assert problem.startswith(f"hyperparameters.{name} = ")
    with pytest.raises(HyperparameterError):
        validate({**DEFAULT_HYPERPARAMETERS, name: str(value)})


def test_every_hyperparameter_has_its_edges_tested() -> None:
    assert {name for name, _ in ACCEPTED} == set(prepare.hyperparameters.CHECKERS)
