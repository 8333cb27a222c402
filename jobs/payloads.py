"""What travelled in a call, as an endpoint with data capture keeps it, read back as rows.

Every format that the built-in XGBoost serves is read:

    text/csv                  a row a line
    text/libsvm, text/x-libsvm    [label] index:value ..., indices from 0; what is left out of a
                              category is 0, of a number missing
    application/json          [[...], ...], [...], {"instances": [row, ...]}; a row is a list,
                              {"features": [...]} or an object with the columns' names
    application/jsonlines     such a row a line
    application/x-recordio-protobuf     see `recordio.py`; what is left out as in libsvm

https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from recordio import RecordError, rows_of_records, scores_of_records

Row = list[str]

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = ("application/jsonlines", "application/x-jsonlines", "application/json-lines")
LIBSVM = ("text/libsvm", "text/x-libsvm")
RECORDIO = "application/x-recordio-protobuf"
_ENCODING_TYPES = {"CSV": CSV, "JSON": JSON}


class PayloadError(Exception):
    """A payload cannot be read; the text is short and without values, to count by."""


def content_of(part: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the media type and the bytes of a part of a capture.

    Raises:
        PayloadError: It is not as data capture writes it.
    """
    data, encoding = part.get("data"), part.get("encoding")
    observed = part.get("observedContentType")
    if not isinstance(data, str):
        raise PayloadError("a part without data")
    try:
        content = base64.b64decode(data, validate=True) if encoding == "BASE64" else data.encode()
    except (binascii.Error, UnicodeError) as error:
        raise PayloadError("no base64, or no UTF-8 text") from error
    media_type = observed.partition(";")[0].strip().lower() if isinstance(observed, str) else ""
    return media_type or _ENCODING_TYPES.get(str(encoding), ""), content


def text_of(content: bytes) -> str:
    """Return bytes as text.

    Raises:
        PayloadError: They are none.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise PayloadError("no base64, or no UTF-8 text") from error


def rows_of(part: Mapping[str, Any], columns: Sequence[str], numbers: frozenset[str]) -> list[Row]:
    """Return the rows of a request, a text for each of the columns that it holds.

    Args:
        part: `endpointInput` of a capture.
        columns: the names of the model's columns.
        numbers: which of them are no 0 or 1 of a category.

    Raises:
        PayloadError: It cannot be read.
    """
    media_type, content = content_of(part)
    if media_type == RECORDIO:
        return recordio_rows(content, columns, numbers)
    text = text_of(content)
    if media_type == CSV:
        return [line.split(",") for line in text.splitlines() if line.strip()]
    if media_type in LIBSVM:
        return [libsvm_row(line, columns, numbers) for line in text.splitlines() if line.strip()]
    if media_type == JSON or media_type in JSON_LINES:
        listed = json_items(media_type, text, "instances")
        return [json_row(item, columns) for item in listed]
    raise PayloadError(f"content type {shown(media_type)} of a request")


def predictions_of(part: Mapping[str, Any], numbers: int = 1) -> list[float]:
    """Return the predictions of an answer, one for each row.

    Args:
        part: `endpointOutput` of a capture.
        numbers: how many an answer has for a row: of more than two classes one for each, of which
            the place of the largest is taken.

    Raises:
        PayloadError: It cannot be read.
    """
    media_type, content = content_of(part)
    if media_type == RECORDIO:
        return recordio_scores(content)
    text = text_of(content)
    if media_type == CSV:
        return largest_of(numbers_of(text.replace(",", "\n").split()), numbers)
    if media_type == JSON or media_type in JSON_LINES:
        scores = [score_of(item) for item in json_items(media_type, text, "predictions")]
        if numbers > 1:
            scores = [value for item in scores if isinstance(item, list) for value in item]
        return largest_of(numbers_of(scores), numbers)
    raise PayloadError(f"content type {shown(media_type)} of an answer")


def largest_of(values: Sequence[float], numbers: int) -> list[float]:
    """Return the place of the largest of every so many values; the values where it is one.

    Raises:
        PayloadError: They are not so many for each row.
    """
    if numbers == 1:
        return [*values]
    if len(values) % numbers:
        raise PayloadError("an answer of another number of classes")
    rows = [values[start : start + numbers] for start in range(0, len(values), numbers)]
    return [float(max(range(numbers), key=row.__getitem__)) for row in rows]


def numbers_of(values: Sequence[Any]) -> list[float]:
    """Read numbers.

    Raises:
        PayloadError: One is none.
    """
    try:
        return [float(value) for value in values]
    except (TypeError, ValueError) as error:
        raise PayloadError("an answer that is no number") from error


def score_of(item: Any) -> Any:
    """Return the prediction of an item of a JSON answer: itself, or what it calls `score`."""
    if not isinstance(item, dict):
        return item
    return item.get("score", item.get("predicted_label"))


def json_items(media_type: str, text: str, listed_as: str) -> list[Any]:
    """Return the items of a JSON document or of JSON lines.

    Raises:
        PayloadError: It is no JSON.
    """
    try:
        if media_type != JSON:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PayloadError("no JSON") from error
    if isinstance(document, dict):
        document = document.get(listed_as, [document])
    if not isinstance(document, list):
        return [document]
    is_one_row = listed_as == "instances" and not any(
        isinstance(item, (list, dict)) for item in document
    )
    return [document] if is_one_row else document


def json_row(item: Any, columns: Sequence[str]) -> Row:
    """Return the texts of a row in JSON.

    Raises:
        PayloadError: It is no row.
    """
    if isinstance(item, dict):
        item = item.get("features", item)
    if isinstance(item, dict):
        if not item.keys() & set(columns):
            raise PayloadError("a JSON object without the columns' names")
        item = [item.get(name) for name in columns]
    if not isinstance(item, list):
        raise PayloadError("JSON that is no row")
    return ["" if value is None else str(value) for value in item]


def recordio_rows(content: bytes, columns: Sequence[str], numbers: frozenset[str]) -> list[Row]:
    """Return the texts of the rows of records.

    Raises:
        PayloadError: They cannot be read.
    """
    left_out = empty_row(columns, numbers)
    try:
        rows = rows_of_records(content, len(columns))
    except RecordError as error:
        raise PayloadError(f"recordio: {error}") from error
    return [
        [left_out[place] if text is None else text for place, text in enumerate(row)]
        for row in rows
    ]


def recordio_scores(content: bytes) -> list[float]:
    """Return the predictions of records.

    Raises:
        PayloadError: They cannot be read.
    """
    try:
        return numbers_of(scores_of_records(content))
    except RecordError as error:
        raise PayloadError(f"recordio: {error}") from error


def empty_row(columns: Sequence[str], numbers: frozenset[str]) -> Row:
    """Return a row of which everything was left out: the numbers are missing, the flags 0."""
    return ["" if name in numbers else "0" for name in columns]


def libsvm_row(line: str, columns: Sequence[str], numbers: frozenset[str]) -> Row:
    """Return the texts of a row in libsvm's format.

    Raises:
        PayloadError: It is no such row.
    """
    row = empty_row(columns, numbers)
    for index, field in enumerate(line.split()):
        place, colon, value = field.partition(":")
        if not colon and not index:
            continue  # The label.
        if not (colon and place.isdecimal() and int(place) < len(row)):
            raise PayloadError("libsvm with other indices than the columns")
        row[int(place)] = value
    return row


def shown(media_type: str) -> str:
    """Cut a caller's text to what a reason may repeat."""
    kept = "".join(character for character in media_type if character.isprintable())
    return repr(kept[:60])
