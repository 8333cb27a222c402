"""`jobs/evaluate.py` on two classes and on three: numbers, threshold, figures, known answers."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from sklearn import metrics as reference

from tests.unit.modules import PROJECT_DIR, load

PARAMETERS: dict[str, dict[str, Any]] = {
    "binary": {"objective": "binary:logistic"},
    "multiclass": {"objective": "multi:softprob", "num_class": 3},
}
CLASSES = {"binary": ("well", "ill"), "multiclass": ("low", "middle", "high")}
KEYS = {
    "binary": "binary_classification_metrics",
    "multiclass": "multiclass_classification_metrics",
}


def make_table(problem: str, rows: int, seed: int) -> Any:
    """Make rows of a class, two numbers, and one of two sites."""
    drawn = np.random.default_rng(seed)
    numbers = drawn.normal(0, 1, (rows, 2)).round(3)
    score = numbers[:, 0] + 0.5 * numbers[:, 1] + drawn.normal(0, 0.7, rows)
    edges = [1.0] if problem == "binary" else [-0.5, 0.7]
    site = drawn.integers(0, 2, rows)
    return np.column_stack([np.digitize(score, edges), numbers, 1 - site, site])


@dataclass(frozen=True)
class Container:
    """A temporary folder in the place of `/opt/ml`, and the scripts for its columns."""

    root: Path
    problem: str
    jobs: SimpleNamespace

    def put_rows(self, split: str, table: Any) -> None:
        folder = self.root / split
        folder.mkdir(parents=True, exist_ok=True)
        lines = (",".join(f"{value:g}" for value in row) + "\n" for row in table)
        (folder / "part-algo-1-0.csv").write_text("".join(lines))

    def put_model(self, booster: xgb.Booster, kind: str = "candidate") -> None:
        (self.root / kind).mkdir(exist_ok=True)
        content = bytes(booster.save_raw("ubj"))
        with tarfile.open(self.root / kind / "model.tar.gz", "w:gz") as archive:
            member = tarfile.TarInfo("xgboost-model")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))

    def put_answers(self, **answers: Any) -> None:
        (self.root / "production-answers").mkdir(exist_ok=True)
        content = {"columns": list(self.jobs.rows.FEATURES), **answers}
        (self.root / "production-answers" / "known-answers.json").write_text(json.dumps(content))

    def run(self) -> int:
        flags = ("test", "train", "validation", "candidate", "production", "production-answers")
        present = [name for name in flags if (self.root / name).exists()]
        arguments = [part for name in present for part in (f"--{name}-dir", str(self.root / name))]
        code: int = self.jobs.evaluate.main(
            [
                *arguments,
                *("--output-dir", str(self.root / "output")),
                *("--message-path", str(self.root / "message")),
            ]
        )
        return code

    def read(self, name: str) -> Any:
        text = (self.root / "output" / name).read_text()
        return json.loads(text, parse_constant=pytest.fail)


def train(problem: str, rounds: int = 12, **parameters: Any) -> xgb.Booster:
    table = make_table(problem, 500, seed=2)
    matrix = xgb.DMatrix(table[:, 1:], table[:, 0])
    return xgb.train({"nthread": 1, **PARAMETERS[problem], **parameters}, matrix, rounds)


def predictions(booster: xgb.Booster, table: Any) -> Any:
    return booster.predict(xgb.DMatrix(table[:, 1:])).astype(float)


def container_of(
    folder: Path, problem: str, *, more_columns: str = "", more_lines: str = ""
) -> Container:
    shutil.copytree(PROJECT_DIR / "jobs", folder / "jobs")
    (folder / "jobs" / "columns.py").write_text(
        "from kinds import Category, Number, Weight\n"
        f"PROBLEM = {problem!r}\nLABEL = 'kind'\n"
        f"COLUMNS = (Category('kind', {CLASSES[problem]!r}), Number('a', signed=True),"
        f" Number('b', signed=True), Category('site', ('x', 'y')){more_columns})\n{more_lines}"
    )
    made = Container(folder, problem, load("jobs", parent=folder))
    for seed, split in enumerate(("test", "train", "validation"), 10):
        made.put_rows(split, make_table(problem, 300, seed=seed))
    made.put_model(train(problem))
    return made


@pytest.fixture
def binary(tmp_path: Path) -> Container:
    return container_of(tmp_path, "binary")


@pytest.fixture
def multiclass(tmp_path: Path) -> Container:
    return container_of(tmp_path, "multiclass")


TEST = {problem: make_table(problem, 300, seed=10) for problem in PARAMETERS}


def test_two_classes_are_scored_at_the_threshold_that_the_validation_rows_chose(
    binary: Container,
) -> None:
    assert binary.run() == 0

    evaluation = binary.read("evaluation.json")
    validation = make_table("binary", 300, seed=12)
    threshold = evaluation["threshold"]["value"]
    probability = predictions(train("binary"), TEST["binary"])
    truth, said = TEST["binary"][:, 0] == 1, probability >= threshold
    found = evaluation[KEYS["binary"]]
    assert threshold == best_threshold(validation[:, 0] == 1, validation)
    assert evaluation["threshold"]["rule"] == "the largest f1 on the validation rows"
    assert found["f1"]["value"] == pytest.approx(reference.f1_score(truth, said), rel=1e-9)
    assert found["auc"]["value"] == pytest.approx(
        reference.roc_auc_score(truth, probability), rel=1e-9
    )
    for place, name in enumerate(("well", "ill")):
        of_class = evaluation["per_class"][name]
        is_of = {"y_true": truth == place, "y_pred": said == place}
        assert of_class["precision"] == pytest.approx(reference.precision_score(**is_of))
        assert of_class["recall"] == pytest.approx(reference.recall_score(**is_of))
        assert of_class["auc"] == pytest.approx(found["auc"]["value"])
    matrix = reference.confusion_matrix(truth, said).tolist()
    assert [[*line.values()] for line in found["confusion_matrix"].values()] == matrix
    assert list(found["confusion_matrix"]) == ["well", "ill"]
    assert list(evaluation) == [
        *(KEYS["binary"], "rows", "per_class", "by_site", "problem", "classes", "threshold"),
        *("production", "not_compared"),
    ]


def best_threshold(is_positive: Any, table: Any, weights: Any = None) -> float:
    """Try every probability, from the highest on, as a threshold of what is positive."""
    scores = predictions(train("binary"), table)
    distinct = np.unique(scores)[::-1]
    found = [reference.f1_score(is_positive, scores >= s, sample_weight=weights) for s in distinct]
    best = int(np.argmax(found))
    return float((distinct[best] + distinct[best + 1]) / 2)


def test_production_is_scored_at_its_own_threshold_on_the_same_rows(binary: Container) -> None:
    binary.put_model(train("binary", rounds=3), "production")
    binary.put_answers(classes=["well", "ill"], threshold={"value": 0.3, "rule": "…"})

    assert binary.run() == 0

    said = predictions(train("binary", rounds=3), TEST["binary"]) >= 0.3
    found = binary.read("evaluation.json")["production"][KEYS["binary"]]
    expected = reference.accuracy_score(TEST["binary"][:, 0] == 1, said)
    assert found["accuracy"]["value"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("answers", [{}, {"classes": ["ill", "well"]}])
def test_production_of_other_classes_is_not_compared_with(
    binary: Container, answers: dict[str, Any]
) -> None:
    binary.put_model(train("binary", rounds=3), "production")
    binary.put_answers(**answers)

    assert binary.run() == 0

    evaluation = binary.read("evaluation.json")
    assert evaluation["production"] is None
    assert evaluation["not_compared"].startswith("the production model was trained for another")


def test_several_classes_are_scored_as_scikit_learn_scores_them(multiclass: Container) -> None:
    assert multiclass.run() == 0

    evaluation = multiclass.read("evaluation.json")
    truth = TEST["multiclass"][:, 0].astype(int)
    probabilities = predictions(train("multiclass"), TEST["multiclass"])
    found, said = evaluation[KEYS["multiclass"]], probabilities.argmax(axis=1)
    assert found["f1"]["value"] == pytest.approx(
        reference.f1_score(truth, said, average="macro"), rel=1e-9
    )
    of_truth = probabilities[np.arange(len(truth)), truth]
    assert found["logloss"]["value"] == pytest.approx(-np.log(of_truth).mean(), rel=1e-9)
    high = evaluation["per_class"]["high"]
    assert high["recall"] == pytest.approx(reference.recall_score(truth == 2, said == 2))
    assert high["auc"] == pytest.approx(reference.roc_auc_score(truth == 2, probabilities[:, 2]))
    assert evaluation["classes"] == ["low", "middle", "high"]


def put_weighted(container: Container, problem: str, weights: dict[int, Any]) -> None:
    """Put the rows of each split with weights behind their labels, by the seed of the rows."""
    for seed, split in enumerate(("test", "train", "validation"), 10):
        table = make_table(problem, 300, seed=seed)
        container.put_rows(split, np.insert(table, 1, weights[seed], axis=1))


@pytest.mark.parametrize("problem", list(PARAMETERS))
def test_rows_are_scored_by_their_weights_as_scikit_learn_does(
    tmp_path: Path, problem: str
) -> None:
    container = container_of(tmp_path, problem, more_columns=", Weight('times')")
    drawn = np.random.default_rng(7)
    weights = {seed: drawn.choice([0.5, 1, 3.25, 40], 300) for seed in (10, 11, 12)}
    put_weighted(container, problem, weights)

    assert container.run() == 0

    evaluation = container.read("evaluation.json")
    assert evaluation["weighted_by"] == "times"
    held, truth = {"sample_weight": weights[10]}, TEST[problem][:, 0].astype(int)
    scores = predictions(train(problem, rounds=12), TEST[problem])
    assert len(np.unique(scores)) < scores.size  # There are ties.
    said, kind = scores.argmax(axis=-1), {"average": "macro"}
    if problem == "binary":
        validation = make_table(problem, 300, seed=12)
        threshold = best_threshold(validation[:, 0] == 1, validation, weights[12])
        assert evaluation["threshold"]["value"] == threshold
        said, kind = scores >= threshold, {}
    found = evaluation[KEYS[problem]]
    expected = {
        "accuracy": reference.accuracy_score(truth, said, **held),
        "f1": reference.f1_score(truth, said, **kind, **held),
        "precision": reference.precision_score(truth, said, **kind, **held),
        "auc": reference.roc_auc_score(truth, normed(scores), multi_class="ovr", **held),
        "logloss": float(np.average(-np.log(of_truth(truth, scores)), weights=weights[10])),
    }
    assert {name: found[name]["value"] for name in expected} == pytest.approx(expected, rel=1e-9)
    matrix = reference.confusion_matrix(truth, said).tolist()
    assert [[*line.values()] for line in found["confusion_matrix"].values()] == matrix
    last = container.read("report.json")["learning_curve"][-1]["logloss"]
    assert last == pytest.approx(expected["logloss"], rel=1e-4)
    of_site = TEST[problem][:, 3] == 1
    part = reference.accuracy_score(
        truth[of_site], said[of_site], sample_weight=weights[10][of_site]
    )
    by_site = evaluation["by_site"]["x"]
    assert by_site[KEYS[problem]]["accuracy"]["value"] == pytest.approx(part, rel=1e-9)
    assert by_site["rows"] == of_site.sum()
    if problem == "binary":
        curve = found["receiver_operating_characteristic_curve"]
        rates = reference.roc_curve(truth, scores, **held, drop_intermediate=False)
        for rate in zip(*curve.values(), strict=True):
            assert np.abs(np.column_stack(rates[:2]) - rate).sum(axis=1).min() < 1e-9
    else:
        recall = reference.recall_score(truth == 2, said == 2, **held)
        assert evaluation["per_class"]["high"]["recall"] == pytest.approx(recall, rel=1e-9)
    assert container.read("baseline.json")["rows"] == 300


def of_truth(truth: Any, scores: Any) -> Any:
    """Return the probability of each row's own class, as it is."""
    if scores.ndim == 1:
        return np.where(truth == 1, scores, 1 - scores)
    return scores[np.arange(len(truth)), truth]


def normed(scores: Any) -> Any:
    """Have probabilities of single precision sum up to 1 in double precision."""
    return scores if scores.ndim == 1 else scores / scores.sum(axis=1, keepdims=True)


def test_weights_of_classes_are_of_training_alone(binary: Container, tmp_path: Path) -> None:
    weights = "CLASS_WEIGHTS = {'well': 1, 'ill': 12.5}\n"
    container = container_of(tmp_path / "weighted", "binary", more_lines=weights)
    labels = {seed: make_table("binary", 300, seed=seed)[:, 0] for seed in (10, 11, 12)}
    put_weighted(container, "binary", {s: np.where(one == 1, 12.5, 1) for s, one in labels.items()})

    assert (container.run(), binary.run()) == (0, 0)

    evaluation = container.read("evaluation.json")
    assert evaluation.pop("class_weights") == {"well": 1, "ill": 12.5}
    assert evaluation == binary.read("evaluation.json")
    for name in ("baseline.json", "report.json"):
        assert container.read(name) == binary.read(name)


@pytest.mark.parametrize("weight", ["0", "-1", "nan", "1e12", ""])
def test_a_weight_that_is_none_fails_the_job_and_is_named(tmp_path: Path, weight: str) -> None:
    container = container_of(tmp_path, "binary", more_columns=", Weight('times')")
    put_weighted(container, "binary", dict.fromkeys((10, 11, 12), 1))
    path = tmp_path / "test" / "part-algo-1-0.csv"
    path.write_text(f"1,2,0.5,0.5,1,0\n1,{weight},0.5,0.5,1,0\n")

    assert container.run() == 1
    assert "part-algo-1-0.csv line 2: " in (tmp_path / "message").read_text()
    assert "weight" in (tmp_path / "message").read_text()


@pytest.mark.parametrize("problem", list(PARAMETERS))
def test_the_report_draws_what_the_problem_has(tmp_path: Path, problem: str) -> None:
    container = container_of(tmp_path, problem)

    assert container.run() == 0

    report, known = container.read("report.json"), container.read("known-answers.json")
    table = TEST[problem]
    assert report["classes"] == known["classes"] == list(CLASSES[problem])
    answers = np.array([row["predicted"] for row in known["rows"]])
    assert answers == pytest.approx(predictions(train(problem), table)[:20])
    last = report["learning_curve"][-1]
    value = container.read("evaluation.json")[KEYS[problem]]["logloss"]["value"]
    assert last["logloss"] == pytest.approx(value, rel=1e-4)
    assert container.read("baseline.json")["predictions"]["rows"] == 300
    assert ("calibration" in report) == (problem == "binary")
    assert ("threshold" in known) == (problem == "binary")


def test_a_class_without_rows_in_a_category_leaves_out_what_is_not_defined(
    binary: Container,
) -> None:
    table = TEST["binary"].copy()
    table[table[:, 0] == 1, 3:] = (1, 0)
    binary.put_rows("test", table)

    assert binary.run() == 0

    by_site = binary.read("evaluation.json")["by_site"]
    assert "auc" not in by_site["y"][KEYS["binary"]]
    assert "auc" in by_site["x"][KEYS["binary"]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test": 1}, "all 100 test rows are of one class"),
        ({"test": 2}, "the label 2 is the place of none of 2 classes"),
    ],
)
def test_rows_that_judge_nothing_fail_the_job(
    binary: Container, change: dict[str, int], message: str
) -> None:
    table = TEST["binary"][:100].copy()
    table[:, 0] = change["test"]
    binary.put_rows("test", table)

    assert binary.run() == 1
    assert message in (binary.root / "message").read_text()


def test_a_model_of_another_problem_fails_the_job(binary: Container, tmp_path: Path) -> None:
    binary.put_model(train("binary", objective="binary:logitraw"))
    several = container_of(tmp_path / "several", "multiclass")
    several.put_model(train("multiclass", objective="multi:softmax"))

    assert (binary.run(), several.run()) == (1, 1)
    assert "no probabilities" in (binary.root / "message").read_text()
    assert "a number for each of 3 classes" in (several.root / "message").read_text()
