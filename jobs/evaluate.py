"""Score the test rows with the candidate and the production model, inside a Processing container.

Every file under `--test-dir` is read as rows of the label and `rows.FEATURES`, as `preprocess.py`
writes them. Either model is `xgboost-model` in the `model.tar.gz` of its folder;
without `--production-dir` there is no production model yet. `--production-answers-dir` holds the
known answers of the production model's own evaluation, which say what features it takes. Where
comparing with it would mean nothing (see `comparison.py`), `production` is null and `not_compared`
says why.

    OUTPUT/report.json           what a report draws: `evaluation_documents.draw_report`
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
    `classes` and the numbers of each, `per_class`, beside them, and of a binary one `threshold`,
    which `--validation-dir` decides. There is a `by_` for each category of `columns.py`. A value
    without rows is left out.
    `metrics.py` says what the standard deviations are. Where the rows have weights, every value is
    weighted by them, `weighted_by` names their column, `class_weights` has what classes weigh in
    training alone, and numbers of rows, as in a confusion
    matrix, are not.

The features are held for one chunk of rows at a time; what stays of a row are its label, its
categories and its predictions, in a file in `--output-dir` that has no name, so that it is never
uploaded, and goes with the process. So memory does not grow with the rows, and disk does: by some
20 bytes a row and, of a classification, twice 40 more while scores are sorted. Besides the standard
library of Python 3.11 or later, numpy and xgboost are used, which the built-in XGBoost image holds.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from container import STOPPED, ArgumentParser, JobError, fail, raise_interrupt, tell_unexpected

if __name__ == "__main__":
    # Before columns.py, which anybody may edit, is imported.
    tell_unexpected("evaluation failed", sys.argv[1:])

from baseline import draw_baseline
from class_figures import best_threshold
from comparison import load_production, production_threshold
from documents import (
    ANSWERS_MAXIMUM_BYTES,
    BASELINE_MAXIMUM_BYTES,
    EVALUATION_MAXIMUM_BYTES,
    REPORT_MAXIMUM_BYTES,
    first_rows,
    write_json,
)
from encoded_rows import read_chunks
from evaluation_documents import draw_report, evaluate, kind_of, known_answers, summarize
from judging import check_classes, judge
from kept_columns import KeptColumns
from models import Model, load_model, predict
from problem import BINARY, PROBLEM
from rows import FEATURES
from scoring import CANDIDATE, Scores, column_types, columns_of, judged_rows, score

OUTPUT_FILES = ("evaluation.json", "report.json", "known-answers.json", "baseline.json")


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
    scores = score(job.test_dir, candidate, production, job.output_dir)
    if not_compared:
        scores = replace(scores, not_compared=not_compared)
    if not scores.candidate.kept.rows:
        raise JobError(f"there are no test rows in {job.test_dir}; set a larger --test-share")
    if PROBLEM == BINARY:
        scores = with_thresholds(scores, job, candidate)
    quality = judge(scores.candidate)
    evaluation = evaluate(scores, quality)
    check_classes(evaluation)
    write_json(report_path, draw_report(scores, candidate, job.sample_size), REPORT_MAXIMUM_BYTES)
    write_json(known_path, first_rows(known_answers(scores)), ANSWERS_MAXIMUM_BYTES)
    if job.train_dir is not None:
        predicted = scores.candidate.predicted
        baseline = draw_baseline(job.train_dir, predicted, quality) | kind_of(scores)
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
    production = scores.production
    if production is not None:
        own = production_threshold(job.production_answers_dir)
        production = replace(production, threshold=own)
    if job.validation_dir is None:
        return replace(scores, production=production)
    kept = KeptColumns(job.output_dir, column_types([CANDIDATE]))
    for chunk in read_chunks(job.validation_dir):
        predicted = predict(candidate, chunk.features, [candidate.rounds])[0]
        kept.add(columns_of(chunk, {CANDIDATE: predicted}))
    kept.finish()
    threshold = best_threshold(judged_rows(kept, job.output_dir, CANDIDATE).sorted(1))
    judged = replace(scores.candidate, threshold=threshold)
    return replace(scores, candidate=judged, production=production)


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
        message = STOPPED
    else:
        return 0
    return fail(f"evaluation failed: {message}", argv)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, raise_interrupt)
    sys.exit(main(sys.argv[1:]))
