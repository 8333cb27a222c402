"""Rows whose predictions the evaluation stored: what the endpoint has to say again.

The evaluation of a model writes `known-answers.json` next to its metrics:

    {"columns": ["length", ..., "sex_M"],
     "rows": [{"features": [0.455, null, ..., 1.0], "predicted": 9.31}, ...]}

Of more than two classes `predicted` is a list, a probability for each.

A model's name is the base name of its execution and eight hexadecimal digits, and the execution's
evaluation lies under `evaluation/<base name>/` of the workflow's bucket.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_FILE_NAME: Final = "known-answers.json"
_MODEL_NAME: Final = re.compile(r"(?P<base_name>[A-Za-z0-9-]+)-[0-9a-f]{8}")
# jobs/documents.py writes no larger one. Serverless inference takes 4 MB in one request, and the
# rows are sent in one: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
MAXIMUM_BYTES: Final = 4_000_000
_INSTEAD: Final = (
    "record a model whose evaluation stores known answers, or deploy with RunSmokeTest=false"
)


class UnusableKnownAnswers(ValueError):  # noqa: N818 - it is the error's name in the console
    """There is nothing to hold the endpoint against; the text says what is missing, and where."""


@dataclass(frozen=True)
class KnownRow:
    """The features of a row, in the model's order, and what the model predicts for it.

    A missing value is None. A prediction is one number, or one for each of more than two classes.
    """

    features: tuple[float | None, ...]
    predicted: tuple[float, ...]


@dataclass(frozen=True)
class KnownAnswers:
    """At least one row; all have as many features as there are columns, in their order."""

    columns: tuple[str, ...]
    rows: tuple[KnownRow, ...]
    uri: str


def read_known_answers(model_name: str, *, bucket_name: str, s3: Any) -> KnownAnswers:
    """Return the known answers of a model.

    Raises:
        UnusableKnownAnswers: there are none, or they are not as they should be.
        botocore.exceptions.ClientError: S3 refused.
    """
    match = _MODEL_NAME.fullmatch(model_name)
    if match is None:
        raise UnusableKnownAnswers(
            f"model {model_name!r} was not made by the workflow, whose names end in a hyphen and "
            f"eight hexadecimal digits; {_INSTEAD}"
        )
    key = f"evaluation/{match['base_name']}/{_FILE_NAME}"
    uri = f"s3://{bucket_name}/{key}"
    try:
        body = s3.get_object(Bucket=bucket_name, Key=key)["Body"]
    except s3.exceptions.NoSuchKey as error:
        raise UnusableKnownAnswers(f"{uri} does not exist; {_INSTEAD}") from error
    content = body.read(MAXIMUM_BYTES + 1)
    if len(content) > MAXIMUM_BYTES:
        raise UnusableKnownAnswers(
            f"{uri} has more than {MAXIMUM_BYTES} bytes, and an evaluation writes no such file; "
            f"{_INSTEAD}"
        )
    return parse_known_answers(content, uri=uri)


def parse_known_answers(content: bytes, *, uri: str) -> KnownAnswers:
    """Return the known answers that a file holds; its URI stands in the errors."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnusableKnownAnswers(f"{uri} is not JSON: {error}; {_INSTEAD}") from error
    found = document.get("rows") if isinstance(document, Mapping) else None
    if not isinstance(found, list) or not found:
        raise UnusableKnownAnswers(f"{uri} holds no rows; {_INSTEAD}")
    rows = tuple(_row(item, number, uri=uri) for number, item in enumerate(found, 1))
    columns = _columns(document.get("columns"), uri=uri)
    for number, row in enumerate(rows, 1):
        if len(row.features) != len(columns):
            raise UnusableKnownAnswers(
                f"row {number} of {uri} has {len(row.features)} features, and its columns name "
                f"{len(columns)}"
            )
    return KnownAnswers(columns, rows, uri)


def _columns(found: Any, *, uri: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise UnusableKnownAnswers(f"columns of {uri} must be a list of names; {_INSTEAD}")
    if len(set(found)) != len(found):
        raise UnusableKnownAnswers(f"columns of {uri} name a feature twice; {_INSTEAD}")
    return tuple(found)


def _row(item: Any, number: int, *, uri: str) -> KnownRow:
    fields = item if isinstance(item, Mapping) else {}
    features, predicted = fields.get("features"), fields.get("predicted")
    if not isinstance(features, list) or not features or not all(map(_is_feature, features)):
        raise UnusableKnownAnswers(f"features of row {number} of {uri} must be numbers or null")
    answers = predicted if isinstance(predicted, list) and predicted else [predicted]
    if not all(map(_is_number, answers)):
        raise UnusableKnownAnswers(
            f"predicted of row {number} of {uri} must be a number, or one for each class, got "
            f"{predicted!r}"
        )
    given = tuple(None if value is None else float(value) for value in features)
    return KnownRow(given, tuple(map(float, answers)))


def _is_feature(value: Any) -> bool:
    return value is None or _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
