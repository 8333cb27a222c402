"""The evaluation's files: no larger than what reads them takes, by the same bounds."""

import io
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from tests.unit.judged import judged
from tests.unit.modules import PROJECT_DIR, load

jobs = load("jobs", parent=PROJECT_DIR)
documents, made = jobs.documents, jobs.evaluation_documents
smoke_test, read_evaluation = load("smoke_test"), load("read_evaluation")
approval = load("approval")

BUCKET, MODEL_NAME = "workflow-bucket", "abalone-1-0a0a0a0a"
ANSWERS_KEY: Final = "evaluation/abalone-1/known-answers.json"


class OneObject:
    """S3 with one object, whatever is asked for."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def get_object(self, **_: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.content)}


def scores(features: int, rows: int = 20) -> Any:
    values = np.random.default_rng(1).random((rows, features), dtype=np.float32)
    predicted = np.arange(rows, dtype=np.float32)
    return jobs.scoring.Scores(
        candidate=judged(jobs, predicted, predicted),
        production=None,
        learning_curve={},
        first_features=values,
        first_answers=predicted,
        sample=values,
    )


def known_answers(features: int) -> dict[str, Any]:
    columns = [f"feature-{number}" for number in range(features)]
    document = {**made.known_answers(scores(features)), "columns": columns}
    kept: dict[str, Any] = documents.first_rows(document)
    return kept


def test_writers_and_readers_have_the_same_bounds() -> None:
    assert documents.ANSWERS_MAXIMUM_BYTES == smoke_test.known_answers.MAXIMUM_BYTES
    assert documents.EVALUATION_MAXIMUM_BYTES == read_evaluation.evaluation.MAXIMUM_BYTES
    assert documents.EVALUATION_MAXIMUM_BYTES == approval.report.MAXIMUM_BYTES
    assert documents.REPORT_MAXIMUM_BYTES == approval.report.MAXIMUM_BYTES


def test_a_file_at_the_bound_is_written_and_one_past_it_fails_the_job(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.json"
    document = {"text": "x" * 100}
    size = documents.size_of(document)
    documents.write_json(path, document, size)

    assert path.stat().st_size == size
    with pytest.raises(
        jobs.container.JobError, match=rf"have {size} bytes, .* at most {size - 1};"
    ):
        documents.write_json(path, document, size - 1)


@pytest.mark.parametrize("features", [10, 2_000])
def test_the_smoke_test_reads_the_known_answers_of_a_model_of_many_features(
    tmp_path: Path, features: int
) -> None:
    path = tmp_path / "known-answers.json"
    documents.write_json(path, known_answers(features), documents.ANSWERS_MAXIMUM_BYTES)

    known = smoke_test.known_answers.read_known_answers(
        MODEL_NAME, bucket_name=BUCKET, s3=OneObject(path.read_bytes())
    )

    assert len(known.rows) == 20
    assert len(known.rows[0].features) == features


@pytest.mark.slow
def test_as_many_rows_are_kept_as_fit_and_at_least_one() -> None:
    few = known_answers(30_000)["rows"]
    document = made.known_answers(scores(3, rows=4))
    size = documents.size_of({**document, "rows": document["rows"][:2]})

    assert 1 <= len(few) < 20
    assert len(documents.first_rows(document, size)["rows"]) == 2
    assert len(documents.first_rows(document, size - 1)["rows"]) == 1
    assert len(documents.first_rows(document, 0)["rows"]) == 1


def test_known_answers_at_the_bound_are_read_and_one_byte_more_is_told() -> None:
    text = json.dumps({"columns": ["a"], "rows": [{"features": [1.0], "predicted": 1.0}]})
    maximum = smoke_test.known_answers.MAXIMUM_BYTES
    full = text.encode().ljust(maximum)

    def read(content: bytes) -> Any:
        return smoke_test.known_answers.read_known_answers(
            MODEL_NAME, bucket_name=BUCKET, s3=OneObject(content)
        )

    assert len(read(full).rows) == 1
    with pytest.raises(
        smoke_test.known_answers.UnusableKnownAnswers,
        match=f"^s3://{BUCKET}/{ANSWERS_KEY} has more than {maximum} bytes",
    ):
        read(full + b" ")


def test_an_evaluation_at_the_bound_is_read_and_one_byte_more_is_told() -> None:
    metrics = {
        "mse": {"value": 4.0},
        "rmse": {"value": 2.0},
        "mae": {"value": 1.5},
        "r2": {"value": 0},
    }
    document = {"regression_metrics": metrics, "rows": 600, "production": None}
    maximum = read_evaluation.evaluation.MAXIMUM_BYTES
    full = json.dumps(document).encode().ljust(maximum)

    def read(content: bytes) -> Any:
        return read_evaluation.evaluation.read_evaluation(
            f"s3://{BUCKET}/evaluation/abalone-1/", s3=OneObject(content)
        )

    assert read(full).mse == 4.0
    with pytest.raises(
        read_evaluation.evaluation.MalformedEvaluation, match=f"has more than {maximum} bytes"
    ):
        read(full + b" ")


def test_of_many_features_the_most_important_are_told_in_their_order() -> None:
    gains = {f"f{number}": float(number % 5) for number in range(2_000)}
    told = made.largest(gains)

    assert len(told) == 1_000
    assert set(told.values()) == {2.0, 3.0, 4.0}
    assert list(told) == [name for name in gains if name in told]
    assert made.largest({"f0": 0.0, "f1": 1.0}) == {"f0": 0.0, "f1": 1.0}
