"""Rows sent to the endpoint, and its answer read."""

import math
from typing import Any, Final

from comparison import SmokeTestFailed
from known_answers import KnownAnswers

_CSV: Final = "text/csv"
_SHOWN_CHARACTERS: Final = 80


def ask_endpoint(
    endpoint_name: str, known: KnownAnswers, *, runtime: Any
) -> list[tuple[float, ...]]:
    """Return the endpoint's predictions for the rows, all sent in one request.

    A prediction is a number, or one for each of more than two classes.

    Raises:
        SmokeTestFailed: the answer is not a prediction for each row.
        botocore.exceptions.ClientError: the endpoint refused, or its container failed.
    """
    # Nine digits hold a single-precision number.
    lines = (",".join(map(_cell, row.features)) for row in known.rows)
    answer = runtime.invoke_endpoint(
        EndpointName=endpoint_name, ContentType=_CSV, Accept=_CSV, Body="\n".join(lines).encode()
    )
    content = answer["Body"].read()
    classes = len(known.rows[0].predicted)
    if classes > 1:
        return parse_lines(content, classes)
    return [(value,) for value in parse_predictions(content)]


def parse_lines(content: bytes, classes: int) -> list[tuple[float, ...]]:
    """Return the predictions of an answer with a line for each row, and a number for each class.

    Raises:
        SmokeTestFailed: the answer holds something else.
    """
    text = content.decode("utf-8", "backslashreplace").strip()
    rows = [line.strip("[], ").split(",") for line in text.splitlines() if line.strip()]
    for number, fields in enumerate(rows, 1):
        if len(fields) != classes:
            raise SmokeTestFailed(
                f"row {number}: expected a number for each of {classes} classes, got "
                f"{_shown(','.join(fields))}"
            )
    return [
        tuple(_number(field, number) for field in fields) for number, fields in enumerate(rows, 1)
    ]


def _cell(value: float | None) -> str:
    return "nan" if value is None else f"{value:.9g}"


def parse_predictions(content: bytes) -> list[float]:
    """Return the predictions of an answer: all on one line, or one a line.

    SageMaker's XGBoost container writes the first or the second, depending on its version.

    Raises:
        SmokeTestFailed: the answer holds something else.
    """
    text = content.decode("utf-8", "backslashreplace").strip()
    lines = [line.rstrip(",") for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and any("," in line for line in lines):
        raise SmokeTestFailed(f"the endpoint gave more than one number for a row: {_shown(text)}")
    fields = lines if len(lines) > 1 else text.rstrip(",").split(",")
    return [_number(field, number) for number, field in enumerate(fields, 1)]


def _number(field: str, number: int) -> float:
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SmokeTestFailed(f"row {number}: expected a number, got {_shown(field)}")
    return value


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}...")
