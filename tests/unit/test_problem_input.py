"""What an execution runs with and is judged by, for each kind of problem."""

from pathlib import Path
from typing import Any

import pytest

from pocketaws.sagemaker.xgboost.hyperparameters import validate
from tests.unit.modules import load
from tests.unit.prepared_input import parse, prepare, problems_of

BINARY, MULTICLASS = ("binary", 2), ("multiclass", 10)


@pytest.mark.parametrize(
    ("problem", "objective"),
    [(BINARY, "binary:logistic"), (MULTICLASS, "multi:softprob")],
)
def test_the_objective_and_the_gate_follow_from_the_problem(problem: Any, objective: str) -> None:
    settings = parse({}, *problem)

    assert settings.hyperparameters["objective"] == objective
    assert settings.hyperparameters.get("num_class") == {2: None, 10: "10"}[problem[1]]
    assert (settings.gate_metric, settings.gate_threshold) == ("auc", 0.5)
    validate(settings.hyperparameters)


@pytest.mark.parametrize(
    ("problem", "given"),
    [
        (BINARY, {"scale_pos_weight": 5, "eval_metric": "auc,logloss", "base_score": 0.3}),
        (MULTICLASS, {"eval_metric": "merror,mlogloss", "num_class": 10}),
    ],
)
def test_what_suits_a_problem_is_taken_and_the_container_takes_it(
    problem: Any, given: dict[str, Any]
) -> None:
    settings = parse({"hyperparameters": given}, *problem)

    assert {name: settings.hyperparameters[name] for name in given} == {
        name: str(value) for name, value in given.items()
    }
    validate(settings.hyperparameters)


@pytest.mark.parametrize(
    ("problem", "given", "told"),
    [
        (BINARY, {"objective": "reg:squarederror"}, "must be binary:logistic, since PROBLEM in"),
        (MULTICLASS, {"objective": "multi:softmax"}, "must be multi:softprob, since PROBLEM in"),
        (BINARY, {"eval_metric": "rmse"}, "one or more of logloss, auc, aucpr, error"),
        (MULTICLASS, {"eval_metric": "logloss"}, "one or more of mlogloss, merror, auc"),
        (MULTICLASS, {"num_class": 3}, "must be 10, as many as jobs/columns.py has"),
        (MULTICLASS, {"scale_pos_weight": 2}, "no such hyperparameter"),
        (BINARY, {"base_score": 1}, "must be above 0 and below 1"),
        (BINARY, {"tweedie_variance_power": 1.5}, "no such hyperparameter"),
        (("regression",), {"objective": "binary:logistic"}, "must be one of reg:squarederror"),
        (("regression",), {"scale_pos_weight": 2}, "no such hyperparameter"),
    ],
)
def test_what_does_not_suit_a_problem_is_refused(
    problem: Any, given: dict[str, Any], told: str
) -> None:
    [line] = problems_of({"hyperparameters": given}, *problem)

    assert told in line


@pytest.mark.parametrize("problem", [("regression", 0), BINARY, MULTICLASS])
def test_weights_of_the_rows_are_told_to_the_container(problem: tuple[str, int]) -> None:
    def hyperparameters(given: dict[str, Any]) -> Any:
        return parse({"hyperparameters": given}, *problem, is_weighted=True).hyperparameters

    assert hyperparameters({})["csv_weights"] == "1"
    validate(hyperparameters({"csv_weights": 1}))
    assert "csv_weights" not in parse({}, *problem).hyperparameters
    with pytest.raises(ValueError, match="csv_weights = 0: must be 1, since the rows of jobs/"):
        hyperparameters({"csv_weights": 0})


@pytest.mark.parametrize(
    ("given", "told", "gate"),
    [
        ({}, {}, ("auc", 0.5)),
        ({}, {"gate_metric": "f1", "gate_threshold": "0.7"}, ("f1", 0.7)),
        ({"gate_threshold": 0.9}, {"gate_metric": "f1", "gate_threshold": "0.7"}, ("f1", 0.9)),
        # A threshold of the stack does not count with another metric.
        ({"gate_metric": "auc"}, {"gate_metric": "f1", "gate_threshold": "0.7"}, ("auc", 0.5)),
        ({"gate_metric": "logloss", "gate_threshold": 2}, {}, ("logloss", 2.0)),
    ],
)
def test_a_gate_is_of_the_input_or_the_stack(given: Any, told: Any, gate: Any) -> None:
    settings = parse(given, *BINARY, **told)

    assert (settings.gate_metric, settings.gate_threshold) == gate


@pytest.mark.parametrize(
    ("problem", "given", "told"),
    [
        (BINARY, {"gate_metric": "mse"}, 'gate_metric = "mse": must be one of auc, logloss, acc'),
        (("regression",), {"gate_metric": "auc"}, "must be one of mse, rmse, mae, r2, since PROB"),
        (BINARY, {"gate_metric": "f1"}, 'gate_metric = "f1": give gate_threshold, too'),
        (("regression",), {"gate_metric": "r2"}, 'gate_metric = "r2": give gate_threshold, too'),
        (BINARY, {"gate_threshold": 1.5}, "gate_threshold = 1.5: must be above 0 and at most 1"),
        (BINARY, {"gate_threshold": "0.5"}, "must be a number, without quotes"),
        (BINARY, {"gate_threshold": True}, "must be a number, without quotes"),
        (BINARY, {"max_mse": 3}, "max_mse = 3: the gate judges by auc; give gate_threshold"),
        (BINARY, {"gate_metric": ["auc"]}, 'gate_metric = ["auc"]: must be one of'),
    ],
)
def test_a_gate_that_cannot_be_is_told(problem: Any, given: Any, told: str) -> None:
    [line] = problems_of(given, *problem)

    assert told in line


def test_max_mse_is_the_threshold_of_mse_and_no_other_is_needed() -> None:
    settings = parse({"max_mse": 3.5})
    gate = prepared(settings)["gate"]

    assert (gate["metric"], gate["threshold"], gate["max_mse"]) == ("mse", 3.5, 3.5)
    assert gate["validation_uri"] is None


def test_the_validation_rows_choose_a_threshold_between_two_classes_only() -> None:
    binary, several = (prepared(parse({}, *problem)) for problem in (BINARY, MULTICLASS))

    assert binary["gate"]["validation_uri"] == binary["processing"]["validation_uri"]
    assert several["gate"]["validation_uri"] is None


def prepared(settings: Any) -> Any:
    return prepare.prepared.prepare(
        settings,
        execution_arn="arn:aws:states:eu-west-1:123456789012:execution:abalone:run-1",
        execution_name="run-1",
        start_time="2025-01-31T12:00:00.000Z",
        input_data_version="1 objects 9 bytes sha256:00",
        bucket_name="bucket",
        experiment_name="abalone",
        git_commit="0123abc",
    )


def test_both_functions_know_the_same_metrics() -> None:
    gauges = load("read_evaluation").gauges

    assert prepare.posed.METRICS == gauges.METRICS
    assert prepare.posed.RANGES.keys() == set(gauges.ALL)


def test_the_problem_is_that_of_the_columns() -> None:
    assert prepare.posed.posed() == prepare.posed.Posed("regression", features=10)
    assert Path(prepare.posed.JOBS_DIR).resolve().name == "jobs"
