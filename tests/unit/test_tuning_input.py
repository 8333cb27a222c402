"""The input's `tuning`: which searches are taken, and what SageMaker is asked for then."""

from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from pocketaws.sagemaker.xgboost.hyperparameters import validate
from tests.unit.prepared_input import parse, prepare, problems_of
from tests.unit.test_prepared import prepared

RANGES: dict[str, Any] = {"eta": [0.05, 0.5], "max_depth": [3, 9]}
SEARCH = {
    "ranges": RANGES,
    "max_jobs": 9,
    "max_parallel_jobs": 2,
    "strategy": "Random",
    "early_stopping": True,
}
WRONG: list[tuple[Any, str]] = [
    (None, 'must be an object such as {"ranges": {"eta": [0.05, 0.5]}, "max_jobs": 10}'),
    ([], "or {} for none"),
    ({"max_jobs": 5}, "tuning.ranges = null: must be an object of a lowest and a highest value"),
    ({"ranges": {}}, "tuning.ranges = {}: must be an object"),
    ({"ranges": RANGES, "jobs": 5}, "no such field; did you mean 'max_jobs'?"),
    ({"ranges": RANGES, "max_jobs": 1}, "tuning.max_jobs = 1: must be from 2 to 750"),
    ({"ranges": RANGES, "max_jobs": 751}, "must be from 2 to 750"),
    ({"ranges": RANGES, "max_parallel_jobs": 101}, "must be from 1 to 100"),
    ({"ranges": RANGES, "max_jobs": 3, "max_parallel_jobs": 4}, "at most tuning.max_jobs"),
    ({"ranges": RANGES, "strategy": "Hyperband"}, "must be one of Bayesian, Random"),
    ({"ranges": RANGES, "early_stopping": "Auto"}, "must be true or false"),
    ({"ranges": {"etta": [0, 1]}}, "no such hyperparameter to be tuned; did you mean 'eta'?"),
    ({"ranges": {"objective": ["a", "b"]}}, "no such hyperparameter to be tuned; known are"),
    ({"ranges": {"eta": 0.5}}, "must be a list of two numbers, the lowest and the highest"),
    ({"ranges": {"eta": [0.1]}}, "must be a list of two numbers"),
    ({"ranges": {"eta": ["0.1", "0.5"]}}, "must be a list of two numbers"),
    ({"ranges": {"eta": [True, 1]}}, "must be a list of two numbers"),
    ({"ranges": {"eta": [0.5, 0.5]}}, "must have its lower end first"),
    ({"ranges": {"eta": [0.5, 0.1]}}, "must have its lower end first"),
    ({"ranges": {"eta": [0.1, 1.1]}}, "must be at least 0 and at most 1"),
    ({"ranges": {"subsample": [0, 1]}}, "must be above 0 and at most 1"),
    ({"ranges": {"max_depth": [2.5, 6]}}, "must be a whole number"),
    ({"ranges": {"num_round": [0, 6]}}, "must be a whole number at least 1"),
]


@pytest.mark.parametrize(("tuning", "remedy"), WRONG, ids=str)
def test_a_search_that_cannot_be_run_is_told_before_any_job(tuning: Any, remedy: str) -> None:
    (problem,) = problems_of({"tuning": tuning})

    assert problem.startswith("tuning")
    assert remedy in problem


def test_what_the_input_gives_is_not_searched_as_well() -> None:
    (problem,) = problems_of({"tuning": {"ranges": RANGES}, "hyperparameters": {"eta": 0.3}})

    assert "tuning.ranges.eta = [0.05, 0.5]: hyperparameters.eta is given, too" in problem


def test_the_low_end_of_a_range_is_held_to_what_xgboost_can_do_with_the_rest() -> None:
    search = {"ranges": {"max_depth": [0, 6]}}
    (problem,) = problems_of({"tuning": search, "hyperparameters": {"tree_method": "exact"}})

    assert "must be at least 1 with the tree_method exact" in problem


def test_a_stack_that_tunes_is_kept_from_it_by_an_empty_object() -> None:
    stack: dict[str, Any] = {"tuning": '{"ranges": {"eta": [0.05, 0.5]}}'}

    assert parse({}, **stack).tuning["max_jobs"] == 10
    assert parse({"tuning": {}}, **stack).tuning == {}


def test_what_a_stack_has_for_tuning_and_is_no_json_is_told_by_every_execution() -> None:
    (problem,) = problems_of({}, tuning="{ranges}")

    assert problem.startswith('tuning = "{ranges}": must be an object such as')


def test_without_a_search_nothing_is_tuned_and_all_is_as_it_was_given() -> None:
    execution = prepared()

    assert execution["tuning"]["is_wanted"] is False
    assert execution["tuning"]["best"]["hyperparameters"] == {}
    assert execution["training"]["hyperparameters"] == {"num_round": "50"}


def test_a_search_is_one_that_sagemaker_takes() -> None:
    execution = prepared(tuning=SEARCH, hyperparameters={"num_round": "50", "eta": "0.2"})
    shape = (
        Session()
        .get_service_model("sagemaker")
        .operation_model("CreateHyperParameterTuningJob")
        .input_shape.members["HyperParameterTuningJobConfig"]
    )

    config = execution["tuning"]["config"]
    assert not ParamValidator().validate(config, shape).has_errors()
    assert config["ParameterRanges"] == {
        "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "9"}],
        "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.05", "MaxValue": "0.5"}],
    }
    assert config["TrainingJobEarlyStoppingType"] == "Auto"
    # What is searched is not given as well.
    assert execution["training"]["hyperparameters"] == {"num_round": "50"}


def test_a_searchs_name_is_as_long_as_sagemaker_takes() -> None:
    shape = Session().get_service_model("sagemaker").shape_for("HyperParameterTuningJobName")
    name = prepared(tuning=SEARCH)["tuning"]["base_name"]
    longest = prepare.prepared.base_name("x" * 80, identity="arn")
    (slug, _, digest), most = longest.rpartition("-"), 14

    assert len(f"{slug[:most]}-{digest}-0a1b2c3d") == shape.metadata["max"]
    assert name.startswith("run-1-")
    assert prepared()["base_name"].endswith(name.rpartition("-")[2])


def test_a_search_has_the_time_that_its_trainings_take_one_after_the_other() -> None:
    execution = prepared(tuning=SEARCH)

    # Nine trainings of 700 seconds, two at once, and an hour for what is around them.
    assert execution["tuning"]["timeout_seconds"] == 5 * 700 + 3600
    longest = prepared(tuning={**SEARCH, "max_jobs": 750}, training_max_runtime_seconds=2_419_200)
    assert longest["tuning"]["timeout_seconds"] == 30 * 86_400 + 3600


@pytest.mark.parametrize(
    ("problem", "others"),
    [
        ("regression", {"objective": "reg:squarederror"}),
        ("binary", {"objective": "binary:logistic"}),
        ("multiclass", {"objective": "multi:softprob", "num_class": "3"}),
    ],
)
def test_every_gates_metric_has_one_to_search_by_that_the_container_takes(
    problem: str, others: dict[str, str]
) -> None:
    for metric in prepare.posed.METRICS[problem]:
        config = prepare.tuning.job_config(SEARCH, problem=problem, metric=metric)
        objective = config["HyperParameterTuningJobObjective"]
        _, _, name = objective["MetricName"].partition("validation:")

        validate({"num_round": "1", "eval_metric": name, **others})
        assert (objective["Type"] == "Maximize") is (name == "auc")


@pytest.mark.parametrize("name", [*prepare.tuning.WHOLE, *prepare.tuning.CONTINUOUS])
def test_a_range_is_of_the_kind_of_its_hyperparameter(name: str) -> None:
    is_whole = name in prepare.tuning.WHOLE
    ends = [2, 5] if is_whole else [0.25, 0.75]

    config = prepare.tuning.job_config(
        {**SEARCH, "ranges": {name: ends}}, problem="regression", metric="mse"
    )
    kind = "IntegerParameterRanges" if is_whole else "ContinuousParameterRanges"
    (found,) = config["ParameterRanges"][kind]
    assert found == {"Name": name, "MinValue": str(ends[0]), "MaxValue": str(ends[1])}
    for end in ends:
        validate({"num_round": "1", name: str(end)})
