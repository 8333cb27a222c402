"""Score the test rows with the candidate and the production model, inside a Processing container.

Every file under `--test-dir` is read as rows of the label and `rows.FEATURES`, as `preprocess.py`
writes them. Either model is `xgboost-model` in the `model.tar.gz` of its folder;
without `--production-dir` there is no production model yet. `--production-answers-dir` holds the
known answers of the production model's own evaluation, which say what features it takes. Where
comparing with it would mean nothing (see `comparison.py`), `production` is null and `not_compared`
says why.

    OUTPUT/report.json           what a report draws: see `draw_report`
    OUTPUT/known-answers.json    rows and what the candidate answers, to test an endpoint with:
                                 {"columns": ["length", ...], "encoding": as in `table.py`,
                                  "rows": [{"features": [0.455, ...], "predicted": 9.1}, ...]}
                                 null for a missing value;
                                 fewer rows where they would be more than its readers take
    OUTPUT/baseline.json         with `--train-dir`: what to compare calls with, see `baseline.py`
    OUTPUT/evaluation.json       the metrics; written last, and only on success:

        {"regression_metrics": {"mae": {"value": 1.5, "standard_deviation": 0.1},
                                "mse": ..., "rmse": ..., "r2": ...},
         "rows": 600,
         "by_sex": {"F": {"regression_metrics": ..., "rows": 200}, "I": ..., "M": ...},
         "production": {"regression_metrics": ..., "rows": 600, "by_sex": ...} or null,
         "not_compared": null, or why there is a production model and no comparison}

    Of a classification the metrics stand under SageMaker's names for it, see `judging.py`, and
    `classes` beside them, and of a binary one `threshold`, which `--validation-dir` decides.
    There is a `by_` for each category of `columns.py`. A value without rows is left out.
    `metrics.py` says what the standard deviations are.

The features are held for one chunk of rows at a time; what stays of a row are its label, its
categories and its predictions. Besides the standard library of Python 3.11 or later, numpy and
xgboost are used, which the built-in XGBoost image holds.
"""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from container import ArgumentParser, JobError, fail, raise_interrupt, tell_unexpected

if __name__ == "__main__":
    # Before columns.py, which anybody may edit, is imported.
    tell_unexpected("evaluation failed", sys.argv[1:])

import numpy as np
import table
from baseline import draw_baseline
from class_figures import THRESHOLD_RULE, best_threshold, calibration
from columns import LABEL
from comparison import load_production, production_threshold
from contributions import SHAP_ROWS, mean_contributions
from documents import (
    ANSWERS_MAXIMUM_BYTES,
    BASELINE_MAXIMUM_BYTES,
    EVALUATION_MAXIMUM_BYTES,
    REPORT_MAXIMUM_BYTES,
    first_rows,
    write_json,
)
from encoded_rows import read_chunks
from judging import (
    CURVE_METRIC,
    HALF,
    METRICS_KEY,
    check_classes,
    check_labels,
    judge,
    summed_losses,
)
from metrics import Floats, residual_histogram, sample_pairs
from models import Model, curve_rounds, feature_importance, load_model, predict
from numpy.typing import NDArray
from problem import BINARY, CLASSES, PROBLEM, REGRESSION
from rows import CATEGORIES, FEATURES
from sampling import SampledRows

OUTPUT_FILES = ("evaluation.json", "report.json", "known-answers.json", "baseline.json")
KNOWN_ANSWERS = 20
MOST_IMPORTANT = 1000


@dataclass(frozen=True)
class Job:
    """What to evaluate, and where to write it."""

    test_dir: Path
    train_dir: Path | None
    validation_dir: Path | None
    candidate_dir: Path
    production_dir: Path | None
    production_answers_dir: Path | None
    output_dir: Path
    sample_size: int


@dataclass(frozen=True)
class Scores:
    """All test rows with what the models predict; the curve holds a loss per number of rounds.

    `values` are those of `encoded_rows.Chunk`; `first_features` are the features of the first
    `KNOWN_ANSWERS`, in the order of the others; `sample` those of some rows, evenly spaced.
    """

    actual: Floats
    values: NDArray[np.int32]
    candidate: Floats
    production: Floats | None
    learning_curve: dict[int, float]
    first_features: NDArray[np.float32]
    sample: NDArray[np.float32]
    not_compared: str | None = None
    threshold: float = HALF
    production_threshold: float = HALF


def run(job: Job) -> str:
    """Evaluate, write the files and return one line that sums it up.

    Raises:
        JobError: A model or the test rows cannot be used, or a file would be too large to be read.
    """
    paths = [job.output_dir / name for name in OUTPUT_FILES]
    evaluation_path, report_path, known_path, baseline_path = paths
    for path in paths:
        path.unlink(missing_ok=True)  # An earlier run's.
    candidate = load_model("candidate", job.candidate_dir, len(FEATURES))
    production, not_compared = production_of(job)
    scores = score(job.test_dir, candidate, production)
    if not_compared:
        scores = replace(scores, not_compared=not_compared)
    if not len(scores.actual):
        raise JobError(f"there are no test rows in {job.test_dir}; set a larger --test-share")
    if PROBLEM == BINARY:
        scores = with_thresholds(scores, job, candidate)
    evaluation = evaluate(scores)
    check_classes(evaluation)
    job.output_dir.mkdir(parents=True, exist_ok=True)
    write_json(report_path, draw_report(scores, candidate, job.sample_size), REPORT_MAXIMUM_BYTES)
    write_json(known_path, first_rows(known_answers(scores)), ANSWERS_MAXIMUM_BYTES)
    if job.train_dir is not None:
        quality = judge(scores.actual, scores.candidate, scores.values, scores.threshold)
        baseline = draw_baseline(job.train_dir, answered(scores), quality) | kind_of(scores)
        write_json(baseline_path, baseline, BASELINE_MAXIMUM_BYTES)
    write_json(evaluation_path, evaluation, EVALUATION_MAXIMUM_BYTES)
    return summarize(evaluation)


def production_of(job: Job) -> tuple[Model | None, str | None]:
    """Return the production model, or why it is not compared with; neither where there is none."""
    if job.production_dir is None:
        return None, None
    try:
        return load_production(job.production_dir, job.production_answers_dir, FEATURES), None
    except JobError as error:
        return None, str(error)


def with_thresholds(scores: Scores, job: Job, candidate: Model) -> Scores:
    """Return the scores with the candidate's threshold and, of a model compared with, its own.

    Raises:
        JobError: The validation rows are not as `preprocess.py` writes them.
    """
    own = (
        production_threshold(job.production_answers_dir) if scores.production is not None else HALF
    )
    if job.validation_dir is None:
        return replace(scores, production_threshold=own)
    actual, predicted = [np.zeros(0)], [np.zeros(0, np.float32)]
    for chunk in read_chunks(job.validation_dir):
        actual.append(chunk.actual)
        predicted += list(predict(candidate, chunk.features, [candidate.rounds]))
    threshold = best_threshold(np.concatenate(actual) == 1, join(predicted))
    return replace(scores, threshold=threshold, production_threshold=own)


def score(test_dir: Path, candidate: Model, production: Model | None) -> Scores:
    """Read and predict all test rows, chunk by chunk.

    Raises:
        JobError: A file is not as `preprocess.py` writes it, or a model cannot predict.
    """
    rounds = curve_rounds(candidate)
    losses = np.zeros(len(rounds))
    actual, predicted, produced = [np.zeros(0)], [], Production(production)
    values = [np.zeros((0, len(CATEGORIES)), np.int32)]
    first, missing = [np.zeros((0, len(FEATURES)), np.float32)], KNOWN_ANSWERS
    sample = SampledRows(len(FEATURES), SHAP_ROWS, np.float32)
    for chunk in read_chunks(test_dir):
        check_labels(chunk.actual)
        curve = predict(candidate, chunk.features, rounds)
        losses += summed_losses(chunk.actual, curve)
        actual.append(chunk.actual)
        values.append(chunk.values)
        sample.add(chunk.features)
        first.append(chunk.features[:missing])
        missing -= len(first[-1])
        predicted.append(curve[-1].copy())  # A view would keep the whole curve.
        produced.predict(chunk.features)
    means = losses / max(sum(map(len, actual)), 1)
    return Scores(
        actual=np.concatenate(actual),
        values=np.concatenate(values),
        candidate=join(predicted),
        production=join(produced.predicted) if produced.model else None,
        learning_curve={end: float(means[index]) for index, end in enumerate(rounds)},
        first_features=np.concatenate(first),
        sample=sample.kept,
        not_compared=produced.failure,
    )


class Production:
    """The predictions of the production model, until it cannot predict; no model predicts nothing.

    Attributes:
        model: None where there is none, or none any more.
        failure: Why it cannot predict.
    """

    def __init__(self, model: Model | None) -> None:
        """Begin without predictions."""
        self.model = model
        self.predicted: list[NDArray[np.float32]] = []
        self.failure: str | None = None

    def predict(self, features: NDArray[np.float32]) -> None:
        """Predict some rows."""
        if self.model is None:
            return
        try:
            self.predicted += list(predict(self.model, features, [self.model.rounds]))
        except JobError as error:
            self.model, self.failure = None, str(error)


def join(predictions: list[NDArray[np.float32]]) -> Floats:
    """Join the predictions of the chunks in double precision, which the metrics need."""
    if not predictions:
        return np.zeros(0)
    return np.concatenate(predictions).astype(np.float64)


def evaluate(scores: Scores) -> dict[str, Any]:
    """Return the content of evaluation.json."""
    production = None
    if scores.production is not None:
        production = judge(
            scores.actual, scores.production, scores.values, scores.production_threshold
        )
    return {
        **judge(scores.actual, scores.candidate, scores.values, scores.threshold),
        **kind_of(scores),
        "production": production,
        "not_compared": scores.not_compared,
    }


def kind_of(scores: Scores) -> dict[str, Any]:
    """Return what is told of a classification: its classes, and from where on one is predicted."""
    if PROBLEM == REGRESSION:
        return {}
    threshold = {"threshold": {"value": scores.threshold, "rule": THRESHOLD_RULE}}
    return {"problem": PROBLEM, "classes": [*CLASSES]} | (threshold if PROBLEM == BINARY else {})


def answered(scores: Scores) -> Floats:
    """Return a number for each row: the prediction, of more than two classes the class's place."""
    return scores.candidate if scores.candidate.ndim == 1 else scores.candidate.argmax(axis=1) * 1.0


def draw_report(scores: Scores, candidate: Model, sample_size: int) -> dict[str, Any]:
    """Return the content of report.json; all of it is about the candidate.

    A residual is actual - predicted. The importance of a feature is its mean gain, and its
    contribution the mean |SHAP| of some test rows, null where XGBoost gives none; of many features
    the most important are told.
    """
    shap = mean_contributions(candidate, scores.sample, FEATURES)
    if shap is not None:
        shap = {**shap, "mean_absolute": largest(shap["mean_absolute"])}
    curve = scores.learning_curve.items()
    return {
        "label": LABEL,
        **(errors(scores, sample_size) if PROBLEM == REGRESSION else kind_of(scores)),
        **({"calibration": calibrated(scores)} if PROBLEM == BINARY else {}),
        "feature_importance": largest(feature_importance(candidate, FEATURES)),
        "shap": shap,
        "learning_curve": [{"rounds": n, CURVE_METRIC: loss} for n, loss in curve],
    }


def errors(scores: Scores, sample_size: int) -> dict[str, Any]:
    """Return what is drawn of a regression's errors."""
    actual, predicted = scores.actual, scores.candidate
    return {
        "predicted_against_actual": sample_pairs(actual, predicted, sample_size),
        "residual_histogram": residual_histogram(actual, predicted),
    }


def calibrated(scores: Scores) -> list[dict[str, Any]]:
    """Return how often rows are positive, by what was predicted."""
    return calibration(scores.actual == 1, scores.candidate)


def largest(gains: dict[str, float], most: int = MOST_IMPORTANT) -> dict[str, float]:
    """Return the largest of some gains, in their own order."""
    kept = set(sorted(gains, key=lambda name: -gains[name])[:most])
    return {name: gain for name, gain in gains.items() if name in kept}


def known_answers(scores: Scores) -> dict[str, Any]:
    """Return the content of known-answers.json: the first rows, as the model got them."""
    answers = zip(scores.first_features.tolist(), scores.candidate.tolist(), strict=False)
    return {
        "columns": [*FEATURES],
        "encoding": table.document(),
        **kind_of(scores),
        "rows": [
            {"features": [*map(or_null, features)], "predicted": predicted}
            for features, predicted in answers
        ],
    }


def or_null(value: float) -> float | None:
    """Return a number; None, as JSON has no NaN, for a missing one."""
    return None if math.isnan(value) else value


def summarize(evaluation: dict[str, Any]) -> str:
    """Return the metrics on one line."""
    models = {"candidate": evaluation, "production": evaluation["production"]}
    items = []
    for name, judged in models.items():
        metrics = judged[METRICS_KEY].items() if judged else ()
        values = ", ".join(f"{key} {m['value']:.4g}" for key, m in metrics if "value" in m)
        items.append(f"{name} {values or evaluation['not_compared'] or 'none'}")
    return f"{evaluation['rows']} test rows: {'; '.join(items)}"


def build_parser() -> ArgumentParser:
    """Describe the arguments."""
    parser = ArgumentParser(description=(__doc__ or "").partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--test-dir", type=Path, required=True, help="the encoded test rows")
    parser.add_argument("--train-dir", type=Path, help="the encoded training rows")
    parser.add_argument("--validation-dir", type=Path, help="rows to choose a threshold by")
    parser.add_argument("--candidate-dir", type=Path, required=True, help="holds model.tar.gz")
    parser.add_argument("--production-dir", type=Path, help="holds model.tar.gz; none if left out")
    parser.add_argument(
        "--production-answers-dir", type=Path, help="holds known-answers.json of that model"
    )
    parser.add_argument("--output-dir", type=Path, required=True, help="where the files go")
    parser.add_argument("--sample-size", type=int, default=500, help="pairs to draw; default 500")
    parser.add_argument("--message-path", type=Path, required=True, help="where a failure is told")
    return parser


def parse_job(argv: Sequence[str]) -> Job:
    """Check the arguments.

    Raises:
        JobError: An argument cannot be used.
    """
    args = build_parser().parse_args(argv)
    if args.sample_size < 1:
        raise JobError(f"--sample-size is {args.sample_size}; it must be at least 1")
    return Job(
        test_dir=args.test_dir,
        train_dir=args.train_dir,
        validation_dir=args.validation_dir,
        candidate_dir=args.candidate_dir,
        production_dir=args.production_dir,
        production_answers_dir=args.production_answers_dir,
        output_dir=args.output_dir,
        sample_size=args.sample_size,
    )


def main(argv: Sequence[str]) -> int:
    """Run the job and return its exit code, 1 after a failure that `--message-path` tells of."""
    try:
        print(run(parse_job(argv)))
    except (JobError, OSError) as error:
        message = str(error)
    except KeyboardInterrupt:
        message = "stopped by a signal before the end; the output is not complete"
    else:
        return 0
    return fail(f"evaluation failed: {message}", argv)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, raise_interrupt)
    sys.exit(main(sys.argv[1:]))
