"""The numbers that decide about a model: read from evaluation.json, checked, and put in words."""

import copy
import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.modules import load

function = load("read_evaluation")
MalformedEvaluation = function.evaluation.MalformedEvaluation
URI = "s3://bucket/evaluation/run/"
EVENT = {
    "EvaluationUri": URI,
    "MaxMse": 6,
    "MaxMseIncrease": 0.02,
    "Approval": "automatic",
    "ApprovalMinImprovement": 0.05,
}


class NotThereError(Exception):
    """What the fake raises as a client's `exceptions.NoSuchKey`."""


class FakeS3:
    """One bucket with at most one object."""

    exceptions = SimpleNamespace(NoSuchKey=NotThereError)

    def __init__(self, content: str | bytes | None, error: Exception | None = None) -> None:
        self.content = content.encode() if isinstance(content, str) else content
        self.error = error

    def get_object(self, **request: Any) -> dict[str, Any]:
        assert request == {"Bucket": "bucket", "Key": "evaluation/run/evaluation.json"}
        if self.error:
            raise self.error
        if self.content is None:
            raise NotThereError
        return {"Body": io.BytesIO(self.content)}


def metrics(mse: Any = 4.8) -> dict[str, Any]:
    values = {"mse": mse, "rmse": 2.19, "mae": 1.57, "r2": 0.55}
    return {
        "regression_metrics": {
            name: {"value": value, "standard_deviation": 0.1} for name, value in values.items()
        }
    }


def evaluation(mse: Any = 4.8, production_mse: Any = None) -> dict[str, Any]:
    production = None if production_mse is None else metrics(production_mse)
    return {**metrics(mse), "rows": 627, "production": production}


def judged(document: Any, **event: Any) -> Any:
    content = document if isinstance(document, str) else json.dumps(document)
    return function.app.judged({**EVENT, **event}, s3=FakeS3(content))


def file(prefix: str, name: str) -> dict[str, str]:
    return {"ContentType": "application/json", "S3Uri": prefix + name}


def problem_of(content: str | bytes | None) -> str:
    with pytest.raises(MalformedEvaluation) as refusal:
        function.app.judged(EVENT, s3=FakeS3(content))
    return str(refusal.value)


def test_a_candidate_with_a_production_model_is_compared_with_it() -> None:
    answer = judged(evaluation(4.8, 4.9))

    assert answer == {
        "metric": "mse",
        "value": 4.8,
        "production_value": 4.9,
        "threshold": 6.0,
        "allowed": pytest.approx(4.998),
        "lower_is_better": True,
        "metrics": {"mse": 4.8, "rmse": 2.19, "mae": 1.57, "r2": 0.55, "rows": 627},
        "mse": 4.8,
        "rmse": 2.19,
        "mae": 1.57,
        "r2": 0.55,
        "rows": 627,
        "production_mse": 4.9,
        "allowed_mse": pytest.approx(4.998),
        "max_mse": 6.0,
        "reason": (
            "mse 4.8 is at most max_mse 6.0 and not worse than production's 4.9 by more than 2 % "
            "(allowed 4.998)"
        ),
        "numbers": [
            "Numbers, on 627 rows that were not trained on:",
            "  mse of the candidate   4.8",
            "  mse of production      4.9",
            "  mse allowed by that    4.998",
            "  max_mse                6",
            "  of the candidate also  rmse 2.19, mae 1.57, r2 0.55",
        ],
        "approval_status": "Approved",
        "approval_reason": "approved by the gate alone, as the policy 'automatic' says",
        "model_metrics": {"ModelQuality": {"Statistics": file(URI, "evaluation.json")}},
        "drift_check_baselines": {"ModelDataQuality": {"Statistics": file(URI, "baseline.json")}},
    }


def test_without_a_production_model_the_absolute_limit_stands_for_both() -> None:
    answer = judged(evaluation(4.8))

    assert answer["production_mse"] is None
    assert "  mse of production      none" in answer["numbers"]
    assert answer["allowed_mse"] == answer["max_mse"] == 6.0
    assert answer["reason"] == (
        "mse 4.8 is at most max_mse 6.0; there is no production model to compare with"
    )


WITHOUT = "; there is no production model to compare with"


@pytest.mark.parametrize(
    ("mse", "production_mse", "absolute", "relative"),
    [
        (6.5, None, "above max_mse 6.0", WITHOUT),
        (5.5, 4.9, "at most max_mse 6.0", " but worse than production's 4.9"),
        (8.2, 4.9, "above max_mse 6.0", " and worse than production's 4.9"),
        (6.5, 6.4, "above max_mse 6.0", " but not worse than production's 6.4"),
        (0, 0, "at most max_mse 6.0", " and not worse than production's 0.0"),
        (-0.0, 0, "at most max_mse 6.0", " and not worse than production's 0.0"),
    ],
)
def test_the_reason_states_every_number_that_was_compared(
    mse: float, production_mse: float | None, absolute: str, relative: str
) -> None:
    answer = judged(evaluation(mse, production_mse))

    margin = f" by more than 2 % (allowed {answer['allowed_mse']:g}"
    start = f"mse {float(mse)} is {absolute}{relative}"
    assert answer["reason"].startswith(start if production_mse is None else start + margin)


def test_numbers_that_differ_little_still_look_different() -> None:
    answer = judged(evaluation(6.0000001))

    assert answer["reason"].startswith("mse 6.0000001 is above max_mse 6.0;")


_MSES = st.floats(min_value=0, max_value=1e100)


@given(_MSES, st.none() | _MSES, _MSES, st.floats(min_value=0, max_value=10))
def test_the_words_say_what_the_choice_will_do(
    mse: float, production_mse: float | None, max_mse: float, increase: float
) -> None:
    answer = judged(evaluation(mse, production_mse), MaxMse=max_mse, MaxMseIncrease=increase)

    said = " above " in answer["reason"] or " is worse " in answer["reason"]
    said = said or " worse " in answer["reason"].replace("not worse", "")
    assert said is not (mse <= answer["max_mse"] and mse <= answer["allowed_mse"])


def test_the_prefix_may_end_without_a_slash() -> None:
    answer = judged(evaluation(), EvaluationUri=URI.rstrip("/"))

    assert answer["mse"] == 4.8


def test_an_evaluation_that_was_not_written_is_named() -> None:
    assert problem_of(None) == (
        "s3://bucket/evaluation/run/evaluation.json does not exist; the evaluation's processing "
        "job did not write it"
    )


@pytest.mark.parametrize("content", ["", "{", "mse", b"\xff\xfe\x00", "[" * 100_000])
def test_what_is_not_json_is_refused(content: str | bytes) -> None:
    problem = problem_of(content)

    assert problem.startswith("s3://bucket/evaluation/run/evaluation.json is not JSON: ")
    assert len(problem) < 300


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("regression_metrics.mse.value", -1, "= -1 in s3://"),
        ("regression_metrics.mse.value", float("nan"), "= NaN in s3://"),
        ("regression_metrics.mse.value", float("inf"), "= Infinity in s3://"),
        ("regression_metrics.mse.value", 10**400, "= 1000"),
        ("regression_metrics.mse.value", "4.8", '= "4.8" in s3://'),
        ("regression_metrics.mse.value", None, "= null in s3://"),
        ("regression_metrics.mse.value", True, "= true in s3://"),
        ("regression_metrics.rmse.value", -1, "= -1 in s3://"),
        ("regression_metrics.mae.value", -1, "= -1 in s3://"),
        ("regression_metrics.r2.value", None, "= null in s3://"),
        ("regression_metrics.r2.value", 1.5, "= 1.5 in s3://"),
        ("regression_metrics.r2.value", float("nan"), "= NaN in s3://"),
        ("rows", 0, "= 0 in s3://"),
        ("rows", 1.5, "= 1.5 in s3://"),
        ("production.regression_metrics.mse.value", -1, "= -1 in s3://"),
        ("production.regression_metrics.mse.value", float("nan"), "= NaN in s3://"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_name(path: str, value: Any, problem: str) -> None:
    document = evaluation(4.8, 4.9)
    *folders, name = path.split(".")
    inner = document
    for folder in folders:
        inner = inner[folder]
    inner[name] = value

    assert problem_of(json.dumps(document)).startswith(f"{path} {problem}")


@pytest.mark.parametrize(
    "path",
    [
        "regression_metrics",
        "regression_metrics.mse",
        "regression_metrics.r2.value",
        "rows",
        "production",
        "production.regression_metrics.mse.value",
    ],
)
def test_a_field_that_is_missing_is_named(path: str) -> None:
    document = copy.deepcopy(evaluation(4.8, 4.9))
    *folders, name = path.split(".")
    inner = document
    for folder in folders:
        inner = inner[folder]
    del inner[name]

    problem = problem_of(json.dumps(document))

    assert problem.startswith(path)
    assert problem.endswith(" is missing from s3://bucket/evaluation/run/evaluation.json")


@pytest.mark.parametrize("document", ["[]", "7", "null", '"text"', '{"production": 7}'])
def test_another_kind_of_document_is_refused(document: str) -> None:
    assert " is missing from s3://" in problem_of(document)


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket"])
def test_what_s3_refuses_fails_the_state(code: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")

    with pytest.raises(ClientError, match=code):
        function.app.judged(EVENT, s3=FakeS3(None, error))


@pytest.mark.parametrize("value", [None, "6", True, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["MaxMse", "MaxMseIncrease"])
def test_a_limit_that_cannot_be_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be a finite number that is not negative"):
        judged(evaluation(), **{name: value})


@pytest.mark.parametrize("uri", [None, 7, "bucket/key", "s3://"])
def test_an_event_without_the_uri_is_refused(uri: Any) -> None:
    with pytest.raises(ValueError, match=r"^EvaluationUri must be an S3 prefix"):
        judged(evaluation(), EvaluationUri=uri)


@pytest.mark.parametrize(
    ("policy", "mse", "production_mse", "status", "reason"),
    [
        ("automatic", 4.8, None, "Approved", "by the gate alone"),
        ("required", 4.0, 4.9, "PendingManualApproval", "as the policy 'required' says"),
        (
            "automatic_if_better",
            4.0,
            5.0,
            "Approved",
            "mse 4 is 20 % below production's 5, and 5 %",
        ),
        ("automatic_if_better", 4.75, 5.0, "Approved", "mse 4.75 is 5 % below production's 5"),
        ("automatic_if_better", 4.8, 5.0, "PendingManualApproval", "is 4 % below production's 5"),
        ("automatic_if_better", 5.1, 5.0, "PendingManualApproval", "is 2 % above production's 5"),
        ("automatic_if_better", 4.8, None, "PendingManualApproval", "no production model to be"),
        ("automatic_if_better", 0, 0, "PendingManualApproval", "no production model to be"),
    ],
)
def test_a_person_is_asked_as_the_policy_says(
    policy: str, mse: float, production_mse: float | None, status: str, reason: str
) -> None:
    answer = judged(evaluation(mse, production_mse), Approval=policy)

    assert answer["approval_status"] == status
    assert reason in answer["approval_reason"]


@pytest.mark.parametrize("policy", [None, "", "never", 1, ["automatic"]])
def test_a_policy_that_is_not_known_is_refused(policy: Any) -> None:
    with pytest.raises(ValueError, match=r"^Approval must be one of automatic, "):
        judged(evaluation(), Approval=policy)


@pytest.mark.parametrize("value", [None, "0.05", -0.1, float("nan")])
def test_an_improvement_that_cannot_be_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^ApprovalMinImprovement must be a finite number"):
        judged(evaluation(), ApprovalMinImprovement=value)


# A production model that comparing with would mean nothing.
WHY = "the production model was trained on other rows: they had age, which the test rows lack"
REMEDY = (
    'start an execution with {"if_not_comparable": "max_mse"} to leave production out once (on a '
    "laptop: --fresh)"
)
NOT_COMPARED = {**evaluation(4.8), "not_compared": WHY}


@pytest.mark.parametrize(
    ("rule", "allowed", "status", "reason", "why"),
    [
        (
            "ask",
            6.0,
            "PendingManualApproval",
            f"mse 4.8 is at most max_mse 6.0; production was not compared with: {WHY}",
            f"a person decides: production was not compared with: {WHY}",
        ),
        (
            "refuse",
            -1.0,
            "Approved",
            f"mse 4.8 is at most max_mse 6.0; production was not compared with: {WHY}; {REMEDY}",
            "approved by the gate alone, as the policy 'automatic' says",
        ),
        (
            "max_mse",
            6.0,
            "Approved",
            f"mse 4.8 is at most max_mse 6.0; production was not compared with: {WHY}",
            "approved by the gate alone, as the policy 'automatic' says",
        ),
    ],
)
def test_a_candidate_that_production_cannot_be_compared_with_is_judged_by_the_rule(
    rule: str, allowed: float, status: str, reason: str, why: str
) -> None:
    answer = judged(NOT_COMPARED, IfNotComparable=rule)

    assert (answer["allowed_mse"], answer["approval_status"]) == (allowed, status)
    assert (answer["reason"], answer["approval_reason"]) == (reason, why)
    assert "  mse of production      not compared" in answer["numbers"]
    assert answer["production_mse"] is None


def test_a_person_is_asked_where_no_rule_is_given() -> None:
    assert judged(NOT_COMPARED)["approval_status"] == "PendingManualApproval"


def test_a_rule_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="IfNotComparable must be one of ask, refuse, max_mse"):
        judged(NOT_COMPARED, IfNotComparable="release")


@pytest.mark.parametrize("value", [7, {"a": 1}, ["x"]])
def test_a_reason_that_is_no_text_is_malformed(value: Any) -> None:
    assert "not_compared = " in problem_of(json.dumps({**evaluation(4.8), "not_compared": value}))


def test_a_comparison_beside_a_reason_for_none_is_malformed() -> None:
    document = {**evaluation(4.8, 4.9), "not_compared": WHY}

    assert "only where production is null" in problem_of(json.dumps(document))


# Of classes, and of metrics of which more is better.
KEYS = {
    "binary": "binary_classification_metrics",
    "multiclass": "multiclass_classification_metrics",
}


def of_classes(
    problem: str = "binary", production: dict[str, float] | None = None, **values: float
) -> dict[str, Any]:
    shares = {"auc": 0.9, "logloss": 0.4, "accuracy": 0.8, "f1": 0.7, "average_precision": 0.6}

    def metrics_of(some: dict[str, float]) -> dict[str, Any]:
        told = {name: {"value": v, "standard_deviation": 0.01} for name, v in some.items()}
        return {KEYS[problem]: {**told, "confusion_matrix": {"a": {"a": 1}}}}

    return {
        **metrics_of({**shares, **values}),
        "rows": 500,
        **({"threshold": {"value": 0.43, "rule": "..."}} if problem == "binary" else {}),
        "production": None if production is None else metrics_of(production),
    }


def is_good(answer: dict[str, Any]) -> bool:
    """Compare as the Choice does."""
    value, limits = answer["value"], (answer["threshold"], answer["allowed"])
    if answer["lower_is_better"]:
        return all(value <= limit for limit in limits)
    return all(value >= limit for limit in limits)


def test_the_numbers_say_by_what_they_are_weighted_and_by_what_not() -> None:
    weights = {f"class {at}": 0.5 + at for at in range(7)}

    by_rows = judged({**of_classes(), "weighted_by": "times"}, Metric="auc", Threshold=0.8)
    by_classes = judged({**of_classes(), "class_weights": weights}, Metric="auc", Threshold=0.8)

    plain = judged(of_classes(), Metric="auc", Threshold=0.8)["numbers"]
    first = "Numbers, on 500 rows that were not trained on, weighted by times:"
    assert by_rows["numbers"] == [first, *plain[1:]]
    assert by_classes["numbers"] == [
        *plain,
        (
            "  weights of classes     class 0 0.5, class 1 1.5, class 2 2.5, class 3 3.5, "
            "class 4 4.5, 2 more; in training alone"
        ),
    ]


@pytest.mark.parametrize(
    "wrong", [{"weighted_by": 3}, {"class_weights": ["a"]}, {"class_weights": {"a": "heavy"}}]
)
def test_weights_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvaluation, match=f"{next(iter(wrong))} = "):
        judged({**of_classes(), **wrong}, Metric="auc", Threshold=0.8)


def test_two_classes_are_judged_by_a_metric_of_which_more_is_better() -> None:
    answer = judged(of_classes(production={"auc": 0.85}), Metric="auc", Threshold=0.8)

    assert is_good(answer)
    assert answer["reason"] == (
        "auc 0.9 is at least gate_threshold 0.8 and not worse than production's 0.85 by more than "
        "2 % of its distance from 1 (allowed 0.847)"
    )
    assert answer["numbers"] == [
        "Numbers, on 500 rows that were not trained on:",
        "  auc of the candidate   0.9",
        "  auc of production      0.85",
        "  auc allowed by that    0.847",
        "  gate_threshold         0.8",
        "  of the candidate also  logloss 0.4, accuracy 0.8, f1 0.7, average_precision 0.6",
        "  positive from          a probability of 0.43",
    ]
    assert answer["metrics"] == {
        "auc": 0.9,
        "logloss": 0.4,
        "accuracy": 0.8,
        "f1": 0.7,
        "average_precision": 0.6,
        "rows": 500,
        "decision_threshold": 0.43,
    }
    assert answer["mse"] is answer["max_mse"] is answer["production_mse"] is None


@pytest.mark.parametrize(
    ("metric", "value", "threshold", "production", "good", "words"),
    [
        ("auc", 0.79, 0.8, None, False, "auc 0.79 is below gate_threshold 0.8; there is no"),
        ("f1", 0.8, 0.8, 0.85, False, "at least gate_threshold 0.8 but worse than production's"),
        ("accuracy", 0.7, 0.8, 0.6, False, "below gate_threshold 0.8 but not worse than"),
        ("average_precision", 0.9, 0.5, 0.9, True, "and not worse than production's 0.9"),
        ("logloss", 0.5, 0.4, None, False, "logloss 0.5 is above gate_threshold 0.4"),
        ("logloss", 0.3, 0.4, 0.29, False, "by more than 2 % (allowed 0.2958)"),
        ("logloss", 0.3, 0.4, 0.3, True, "not worse than production's 0.3 by"),
    ],
)
def test_the_metric_says_which_way_is_better(
    metric: str,
    value: float,
    threshold: float,
    production: float | None,
    good: bool,
    words: str,
) -> None:
    held = None if production is None else {metric: production}
    document = of_classes("multiclass", held, **{metric: value})

    answer = judged(document, Metric=metric, Threshold=threshold)

    assert is_good(answer) is good
    assert words in answer["reason"]


def test_judging_by_r2_allows_what_judging_by_mse_does() -> None:
    # The labels' variance is 10.
    document = evaluation(4.8, 4.75)
    document["regression_metrics"]["r2"]["value"] = 1 - 0.48
    document["production"]["regression_metrics"]["r2"]["value"] = 1 - 0.475

    by_mse = judged(document, MaxMseIncrease=0.02)
    by_r2 = judged(document, MaxMseIncrease=0.02, Metric="r2", Threshold=0.4)

    assert by_r2["allowed"] == pytest.approx(1 - by_mse["allowed"] / 10)
    assert is_good(by_r2) is is_good(by_mse) is True


def test_a_person_is_asked_by_the_distance_from_1() -> None:
    better = of_classes(production={"auc": 0.8}, auc=0.9)
    event = {"Metric": "auc", "Threshold": 0.5, "Approval": "automatic_if_better"}

    assert (
        "auc 0.9 is 50 % nearer to 1 than production's 0.8"
        in (judged(better, **event)["approval_reason"])
    )
    asked = judged(of_classes(production={"auc": 0.9}, auc=0.9), **event)
    assert asked["approval_status"] == "PendingManualApproval"


def test_a_candidate_that_is_refused_reaches_no_limit() -> None:
    document = {**of_classes(auc=1.0), "not_compared": WHY}

    answer = judged(document, Metric="auc", Threshold=0.5, IfNotComparable="refuse")

    assert not is_good(answer)
    assert "  auc allowed by that    none" in answer["numbers"]


def test_a_metric_of_another_problem_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Metric must be one of auc, .* of a binary problem"):
        judged(of_classes(), Metric="mse")
    with pytest.raises(ValueError, match="Metric must be one of mse, rmse"):
        judged(evaluation(), Metric="gini")


@pytest.mark.parametrize("value", [-0.1, 1.1, None, float("nan")])
def test_a_share_that_is_none_is_malformed(value: Any) -> None:
    document = of_classes()
    document[KEYS["binary"]]["auc"]["value"] = value

    with pytest.raises(MalformedEvaluation, match=r"^binary_classification_metrics\.auc\.value"):
        judged(document, Metric="auc", Threshold=0.5)
