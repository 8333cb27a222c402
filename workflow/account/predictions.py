"""Predictions of an endpoint for rows of CSV, in batches that it answers in time."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from workflow.account import aws
from workflow.account.raw_rows import RawRow, batches
from workflow.errors import WorkflowError

CSV: Final = "text/csv"
# Serverless inference takes 4 MB, instances more:
# https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-invoke.html
MAX_BYTES: Final = 4_000_000
# So that a small instance answers within the minute that SageMaker waits.
MAX_ROWS: Final = 10_000
_SHOWN_CHARACTERS: Final = 80


def predict(
    rows: Iterable[RawRow], endpoint_name: str, *, runtime: Any, numbers: int = 1
) -> Iterator[tuple[RawRow, str]]:
    """Yield each row with its prediction, as the endpoint wrote it; rows go in batches.

    A prediction is a number, or as many with commas as `numbers` says.

    Raises:
        WorkflowError: the endpoint refused, or did not answer with a number for each row.
    """
    for batch in batches(rows, max_bytes=MAX_BYTES, max_rows=MAX_ROWS):
        try:
            predictions = _ask(batch, endpoint_name, runtime=runtime, numbers=numbers)
        except WorkflowError as error:
            raise WorkflowError(
                f"no prediction for line {batch[0].line_number} and what follows: {error}"
            ) from error
        yield from zip(batch, predictions, strict=True)


def parse_predictions(content: bytes, *, count: int, numbers: int = 1) -> list[str]:
    """Return the predictions of an answer: one a line, or all on one line.

    A prediction of several numbers is a line of them, with commas.

    SageMaker's XGBoost container writes the first or the second, depending on its version.

    Raises:
        WorkflowError: these are not `count` numbers.
    """
    text = content.decode("utf-8", "backslashreplace").strip()
    fields = [line.strip().rstrip(",") for line in text.splitlines() if line.strip()]
    if numbers > 1:
        return _lines(fields, text, count=count, numbers=numbers)
    if len(fields) == 1:
        fields = [field.strip() for field in fields[0].split(",")]
    if len(fields) != count or not all(map(_is_finite, fields)):
        raise WorkflowError(
            f"the endpoint answered {_shown(text)}, which is not a number for each of {count} "
            "rows; check what model it serves with `workflow status`"
        )
    return fields


def _lines(fields: Sequence[str], text: str, *, count: int, numbers: int) -> list[str]:
    lines = [field.strip("[] ").replace(" ", "") for field in fields]
    values = [line.split(",") for line in lines]
    if len(lines) != count or not all(
        len(row) == numbers and all(map(_is_finite, row)) for row in values
    ):
        raise WorkflowError(
            f"the endpoint answered {_shown(text)}, which is not a number for each of {numbers} "
            f"classes in each of {count} rows; check what model it serves with `workflow status`"
        )
    return lines


def _ask(batch: Sequence[RawRow], endpoint_name: str, *, runtime: Any, numbers: int) -> list[str]:
    with aws.actionable_errors():
        answer = aws.call_or_none(
            runtime.invoke_endpoint,
            EndpointName=endpoint_name,
            ContentType=CSV,
            Accept=CSV,
            Body=b"".join(row.text + b"\n" for row in batch),
        )
        content = answer["Body"].read() if answer else b""
    if answer is None:
        raise WorkflowError(
            f"the endpoint {endpoint_name} does not exist; deploy endpoint.yaml, or name another "
            "one with --endpoint-name"
        )
    return parse_predictions(content, count=len(batch), numbers=numbers)


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}...")
