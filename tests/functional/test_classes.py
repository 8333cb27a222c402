"""A table of two classes and one of ten: trained, judged, released, served and asked."""

import csv
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from sklearn import datasets

from tests.functional.adapted.commands import Copy
from tests.functional.adapted.document import PROJECT_DIR
from tests.pages import read_all

_FEW = 12  # Of one class of ten, whose others have 180.
_LEFT_OUT = (
    *(".*", "__pycache__", "*.egg-info", "runs", "reports", "packaged", "node_modules"),
    *("tests", "bench"),
)
_NAMES = {"binary": ("malignant", "benign"), "multiclass": tuple("0123456789")}


class Served(NamedTuple):
    """What a project of a kind of problem gave; rows are without their label."""

    problem: str
    said: str
    hyperparameters: dict[str, str]
    evaluation: dict[str, Any]
    asked: list[dict[str, Any]]
    printed: list[str]
    truth: list[str]


def table_of(problem: str) -> tuple[list[str], Any, list[str]]:
    """Return a table that scikit-learn brings along: names, rows of numbers, classes by name.

    Of ten classes one is left few rows.
    """
    is_binary = problem == "binary"
    loaded = datasets.load_breast_cancer() if is_binary else datasets.load_digits()
    names = [f"x{index}" for index in range(loaded.data.shape[1])]
    is_rare = loaded.target == 8
    kept = ~is_rare | (is_rare.cumsum() <= _FEW) | is_binary
    return names, loaded.data[kept], [_NAMES[problem][int(one)] for one in loaded.target[kept]]


def copy_of(folder: Path, problem: str) -> tuple[Copy, str]:
    """Copy the project, and make it that of a table of classes; of two it has weights."""
    shutil.copytree(PROJECT_DIR, folder, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    names, rows, labels = table_of(problem)
    weights = {"binary": ["times"]}.get(problem, [])
    with (folder.parent / "table.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, *weights, "kind"])
        for at, (row, label) in enumerate(zip(rows, labels, strict=True)):
            writer.writerow(
                [*(f"{value:g}" for value in row), *(1 + at % 3 for _ in weights), label]
            )
    copy = Copy(folder)
    flags = [part for name in weights for part in ("--weight", name)]
    return copy, copy.said("new", str(folder.parent / "table.csv"), "--label", "kind", *flags)


def client_of(service_name: str, environment: Mapping[str, str]) -> Any:
    """Return a client of a runtime."""
    return boto3.client(
        service_name,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def hyperparameters_of(environment: Mapping[str, str]) -> Any:
    """Return the hyperparameters of the only training job of a runtime."""
    sagemaker = client_of("sagemaker", environment)
    [job] = read_all(sagemaker, "list_training_jobs")["TrainingJobSummaries"]
    described = sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
    return described["HyperParameters"]


def evaluation_of(environment: Mapping[str, str]) -> Any:
    """Return the only evaluation in the buckets of a runtime."""
    s3 = client_of("s3", environment)
    found = [
        (bucket["Name"], item["Key"])
        for bucket in read_all(s3, "list_buckets")["Buckets"]
        for item in read_all(s3, "list_objects_v2", Bucket=bucket["Name"]).get("Contents", [])
        if item["Key"].endswith("/evaluation.json")
    ]
    [(bucket_name, key)] = found
    return json.loads(s3.get_object(Bucket=bucket_name, Key=key)["Body"].read())


@pytest.fixture(scope="module", params=["binary", "multiclass"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    problem = request.param
    copy, said = copy_of(tmp_path_factory.mktemp(problem) / "copy", problem)
    _, rows, truth = table_of(problem)
    rows_path = copy.copy_dir / "rows.csv"
    rows_path.write_text(
        "".join(",".join(f"{value:g}" for value in row) + "\n" for row in rows[:100])
    )
    with copy.served() as environment:
        as_json = ("--output-format", "json")
        asked = copy.said("invoke", str(rows_path), *as_json, environment=environment)
        printed = copy.said("invoke", str(rows_path), environment=environment)
        evaluation = evaluation_of(environment)
        hyperparameters = hyperparameters_of(environment)
    return Served(
        problem,
        said,
        hyperparameters,
        evaluation,
        [json.loads(line) for line in asked.splitlines()],
        printed.splitlines(),
        truth[:100],
    )


def test_the_model_is_judged_as_a_classification(served: Served) -> None:
    metrics = served.evaluation[f"{served.problem}_classification_metrics"]

    assert metrics["auc"]["value"] > 0.97
    # Of classes that are told apart without an error nothing varies.
    assert (metrics["auc"]["standard_deviation"] > 0) == (metrics["auc"]["value"] < 1)
    assert metrics["logloss"]["standard_deviation"] > 0
    assert list(metrics["confusion_matrix"]) == served.evaluation["classes"]


def test_the_model_is_trained_with_the_weights_that_are_given_or_proposed(served: Served) -> None:
    proposed = (
        "'8' is 0.7% of the rows: CLASS_WEIGHTS balances the classes, and the gate asks for f1"
    )

    assert served.hyperparameters["csv_weights"] == "1"
    assert (proposed in served.said) == (served.problem == "multiclass")
    assert served.evaluation.get("weighted_by") == {"binary": "times"}.get(served.problem)
    assert ("class_weights" in served.evaluation) == (served.problem == "multiclass")
    is_told = re.search("times +Weight", served.said) is not None
    assert is_told == (served.problem == "binary")


def test_a_class_of_few_rows_has_its_share_of_every_split(served: Served) -> None:
    if served.problem == "multiclass":
        assert "'8' has few rows: SPLIT gives each class its share" in served.said
        assert served.evaluation["per_class"]["8"]["rows"] >= 1


def test_the_endpoint_answers_with_classes_that_are_mostly_right(served: Served) -> None:
    said = [row["prediction"] for row in served.asked]

    right = sum(one == other for one, other in zip(said, served.truth, strict=True))
    assert right >= 90
    assert [line.split(",")[0] for line in served.printed] == said
    for row in served.asked:
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert set(row["probabilities"]) == set(served.evaluation["classes"])
