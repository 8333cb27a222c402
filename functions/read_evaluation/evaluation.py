"""evaluation.json, as jobs/evaluate.py writes it: read, checked, and made a record.

Its form is that of SageMaker's model quality statistics:
{"regression_metrics": {"mse": {"value": 4.8, "standard_deviation": 0.3}, "rmse": ..., "mae": ...,
"r2": ...}, "rows": 627, "production": null or {"regression_metrics": ...}, "not_compared": null or
why there is a production model and no comparison}. Of a classification the metrics have the other
names of `gauges`, and of a binary one there is `"threshold": {"value": 0.4, "rule": ...}`, too.
Where rows have weights there is `weighted_by`, their column, and where classes have,
`"class_weights": {"ill": 12.5, ...}`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gauges import KEYS, METRICS, problem_of, range_problem

_FILE_NAME: Final = "evaluation.json"
# jobs/documents.py writes no larger one.
MAXIMUM_BYTES: Final = 1_000_000
_SHOWN_CHARACTERS: Final = 80
_S3_PREFIX: Final = re.compile(r"s3://(?P<bucket_name>[^/\s]+)/(?P<prefix>\S+?)/*")
# A reason is one of several parts of the registry's description, which has 1,024 characters:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
_NOT_COMPARED_MAXIMUM: Final = 700
# Products of two such numbers are still numbers that JSON can hold.
_LARGEST: Final = 1e150


class MalformedEvaluation(ValueError):  # noqa: N818 - it is the error's name in the console
    """The evaluation cannot be judged by; the text names the field, the value and the file."""


@dataclass(frozen=True)
class Evaluation:
    """The candidate's numbers on the test split, and production's on the same rows.

    Attributes:
        problem: the kind of problem, of `gauges.KEYS`.
        metrics: all of the problem's, by name.
        metric: what is judged by.
        production_value: of that metric; None where there is no production model, or none that
            comparing with would mean something: then not_compared says why.
        threshold: from which probability on a row counts as of the second of two classes; None
            where there are not two.
        weighted_by: the column of the rows' weights, by which the metrics are weighted; None where
            rows weigh alike.
        class_weights: what a class's rows weigh in training alone, by the class.
    """

    problem: str
    metrics: Mapping[str, float]
    rows: int
    metric: str
    production_value: float | None
    not_compared: str | None = None
    threshold: float | None = None
    weighted_by: str | None = None
    class_weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """What the candidate is judged by."""
        return self.metrics[self.metric]

    @property
    def mse(self) -> float | None:
        """The candidate's mean squared error; None of a classification."""
        return self.metrics.get("mse")


def read_evaluation(evaluation_uri: Any, *, s3: Any, metric: str = "mse") -> Evaluation:
    """Return the evaluation under an S3 prefix.

    Args:
        evaluation_uri: the prefix.
        s3: a client.
        metric: what is judged by.

    Raises:
        MalformedEvaluation: it is missing or holds what cannot be.
        ValueError: the URI is not one, or the problem has no such metric.
        botocore.exceptions.ClientError: S3 refused.
    """
    bucket_name, key = _split(evaluation_uri)
    where = f"s3://{bucket_name}/{key}"
    try:
        body = s3.get_object(Bucket=bucket_name, Key=key)["Body"]
    except s3.exceptions.NoSuchKey as error:
        raise MalformedEvaluation(
            f"{where} does not exist; the evaluation's processing job did not write it"
        ) from error
    content = body.read(MAXIMUM_BYTES + 1)
    if len(content) > MAXIMUM_BYTES:
        raise MalformedEvaluation(
            f"{where} has more than {MAXIMUM_BYTES} bytes; the evaluation's job writes no such file"
        )
    return parse_evaluation(content, where=where, metric=metric)


def parse_evaluation(content: bytes, *, where: str, metric: str = "mse") -> Evaluation:
    """Return the evaluation that a file holds; `where` it is stands in the errors."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedEvaluation(f"{where} is not JSON: {error}") from error
    problem = problem_of(document)
    if metric not in METRICS[problem]:
        raise ValueError(
            f"Metric must be one of {', '.join(METRICS[problem])}, since {where} is of a {problem} "
            f"problem, got {metric!r}"
        )
    production = _field(document, "production", where=where)
    key = KEYS[problem]
    return Evaluation(
        problem=problem,
        metrics={name: _metric(document, name, key, where=where) for name in METRICS[problem]},
        rows=_rows(document, where=where),
        metric=metric,
        production_value=(
            None
            if production is None
            else _metric(document, metric, "production", key, where=where)
        ),
        not_compared=_not_compared(document, where=where),
        threshold=_threshold(document, where=where),
        weighted_by=_weighted_by(document, where=where),
        class_weights=_class_weights(document, where=where),
    )


def is_error(value: Any) -> bool:
    """Return whether a value can be a mean error: a finite number that is not negative."""
    return _is_finite(value) and value >= 0


def _split(evaluation_uri: Any) -> tuple[str, str]:
    match = _S3_PREFIX.fullmatch(evaluation_uri) if isinstance(evaluation_uri, str) else None
    if match is None:
        raise ValueError(
            f"EvaluationUri must be an S3 prefix such as s3://bucket/evaluation/run/, "
            f"got {evaluation_uri!r}"
        )
    return match["bucket_name"], f"{match['prefix']}/{_FILE_NAME}"


def _metric(document: Any, metric: str, *within: str, where: str) -> float:
    path = ".".join([*within, metric, "value"])
    value = _field(document, path, where=where)
    wrong = "must be a finite number"
    if not _is_finite(value) or (wrong := range_problem(metric, value) or ""):
        raise _malformed(path, value, wrong, where=where)
    return float(value)


def _threshold(document: Any, *, where: str) -> float | None:
    if "threshold" not in document:
        return None
    value = _field(document, "threshold.value", where=where)
    if not _is_finite(value):
        raise _malformed("threshold.value", value, "must be a finite number", where=where)
    return float(value)


def _weighted_by(document: Any, *, where: str) -> str | None:
    value = document.get("weighted_by")
    if value is not None and not isinstance(value, str):
        raise _malformed("weighted_by", value, "must be a column's name", where=where)
    return None if value is None else _plain(value)


def _class_weights(document: Any, *, where: str) -> Mapping[str, float]:
    value = document.get("class_weights", {})
    if not isinstance(value, Mapping) or not all(map(_is_finite, value.values())):
        rule = "must be an object of a number for each class"
        raise _malformed("class_weights", value, rule, where=where)
    return {_plain(name): float(weight) for name, weight in value.items()}


def _not_compared(document: Any, *, where: str) -> str | None:
    # The job scripts of an earlier deployment do not write it.
    value = document.get("not_compared")
    if value is not None and (not isinstance(value, str) or document["production"] is not None):
        rule = "must be a text, and only where production is null"
        raise _malformed("not_compared", value, rule, where=where)
    return None if value is None else _plain(value)


def _plain(text: str) -> str:
    """Return a text as the model registry takes it: printable, on one line, and not too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(line) <= _NOT_COMPARED_MAXIMUM:
        return line
    return line[: _NOT_COMPARED_MAXIMUM - 3] + "..."


def _rows(document: Any, *, where: str) -> int:
    value = _field(document, "rows", where=where)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _malformed("rows", value, "must be a whole number from 1", where=where)
    return value


def _field(document: Any, path: str, *, where: str) -> Any:
    value = document
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            raise MalformedEvaluation(f"{path} is missing from {where}")
        value = value[name]
    return value


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -_LARGEST <= value <= _LARGEST


def _malformed(path: str, value: Any, rule: str, *, where: str) -> MalformedEvaluation:
    shown = json.dumps(value)[:_SHOWN_CHARACTERS]
    return MalformedEvaluation(f"{path} = {shown} in {where}: {rule}")
