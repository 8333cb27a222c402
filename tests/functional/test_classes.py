"""A table of two classes and one of ten: trained, judged, released, served and asked."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from sklearn import datasets

from tests.functional.adapted.commands import Copy
from tests.functional.adapted.document import PROJECT_DIR

_LEFT_OUT = (
    *(".*", "__pycache__", "*.egg-info", "runs", "reports", "packaged", "node_modules"),
    *("tests", "bench"),
)
_NAMES = {"binary": ("malignant", "benign"), "multiclass": tuple("0123456789")}


class Served(NamedTuple):
    """What a project of a kind of problem gave; rows are without their label."""

    problem: str
    hyperparameters: dict[str, str]
    evaluation: dict[str, Any]
    asked: list[dict[str, Any]]
    printed: list[str]
    truth: list[str]


def table_of(problem: str) -> tuple[list[str], Any, list[str]]:
    """Return a table that scikit-learn brings along: names, rows of numbers, classes by name."""
    is_binary = problem == "binary"
    loaded = datasets.load_breast_cancer() if is_binary else datasets.load_digits()
    names = [f"x{index}" for index in range(loaded.data.shape[1])]
    # The one that is looked for stands last.
    return names, loaded.data, [_NAMES[problem][int(label)] for label in loaded.target]


def copy_of(folder: Path, problem: str) -> Copy:
    """Copy the project, for a table of classes, with weights: of two by a column, else of ten."""
    shutil.copytree(PROJECT_DIR, folder, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    names, rows, labels = table_of(problem)
    numbers = ", ".join(f"Number({name!r})" for name in names)
    classes = _NAMES[problem][::-1] if problem == "binary" else _NAMES[problem]
    weights, text = {"binary": ("Weight('times'), ", "")}.get(
        problem, ("", f"CLASS_WEIGHTS = {dict.fromkeys(classes, 1) | {'8': 1.5}!r}\n")
    )
    (folder / "jobs" / "columns.py").write_text(
        "from kinds import Category, Number, Weight\n"
        f"PROBLEM = {problem!r}\nLABEL = 'kind'\n{text}"
        f"COLUMNS = ({numbers}, {weights}Category('kind', {classes!r}))\n",
        encoding="utf-8",
    )
    cells = [[str(1 + at % 3)] if weights else [] for at in range(len(labels))]
    lines = [
        ",".join([*(f"{value:g}" for value in row), *weight, label])
        for row, weight, label in zip(rows, cells, labels, strict=True)
    ]
    (folder / "data" / "abalone-sample.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Copy(folder)


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
    [job] = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    described = sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
    return described["HyperParameters"]


def evaluation_of(environment: Mapping[str, str]) -> Any:
    """Return the only evaluation in the buckets of a runtime."""
    s3 = client_of("s3", environment)
    found = [
        (bucket["Name"], item["Key"])
        for bucket in s3.list_buckets()["Buckets"]
        for item in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])
        if item["Key"].endswith("/evaluation.json")
    ]
    [(bucket_name, key)] = found
    return json.loads(s3.get_object(Bucket=bucket_name, Key=key)["Body"].read())


@pytest.fixture(scope="module", params=["binary", "multiclass"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    problem = request.param
    copy = copy_of(tmp_path_factory.mktemp(problem) / "copy", problem)
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
        hyperparameters,
        evaluation,
        [json.loads(line) for line in asked.splitlines()],
        printed.splitlines(),
        truth[:100],
    )


def test_the_model_is_judged_as_a_classification(served: Served) -> None:
    metrics = served.evaluation[f"{served.problem}_classification_metrics"]

    assert metrics["auc"]["value"] > 0.97
    assert metrics["auc"]["standard_deviation"] > 0
    assert list(metrics["confusion_matrix"]) == served.evaluation["classes"]


def test_the_model_is_trained_with_the_weights(served: Served) -> None:
    assert served.hyperparameters["csv_weights"] == "1"


def test_the_endpoint_answers_with_classes_that_are_mostly_right(served: Served) -> None:
    said = [row["prediction"] for row in served.asked]

    right = sum(one == other for one, other in zip(said, served.truth, strict=True))
    assert right >= 97
    assert [line.split(",")[0] for line in served.printed] == said
    for row in served.asked:
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert set(row["probabilities"]) == set(served.evaluation["classes"])
