"""One prediction of the endpoint, for a row that a form gives, column by column."""

import csv
import functools
import io
import tempfile
from collections.abc import Mapping

from workflow.account import aws
from workflow.account.classes import Classes
from workflow.account.model_features import check_names
from workflow.account.predictions import predict
from workflow.account.raw_rows import (
    RawColumn,
    encode_raw,
    encoded_features,
    raw_columns,
    read_rows,
)
from workflow.console.watched import Watched
from workflow.errors import UnknownFeaturesError, WorkflowError


@functools.cache
def columns() -> tuple[RawColumn, ...]:
    """Return the columns of a row, in their order.

    Raises:
        WorkflowError: jobs/columns.py cannot be used.
    """
    return tuple(raw_columns())


def predicted(values: Mapping[str, str], watched: Watched) -> str:
    """Return what the endpoint predicts: a number, or a class and its probability.

    Args:
        values: by the names of the columns, as a person typed them; blank for none.
        watched: has the endpoint.

    Raises:
        WorkflowError: a value cannot be used, or the endpoint refused.
    """
    text = io.StringIO()
    csv.writer(text).writerow([values.get(column.name, "").strip() for column in columns()])
    with tempfile.TemporaryFile() as raw, tempfile.TemporaryFile() as encoded:
        raw.write(text.getvalue().encode())
        raw.seek(0)
        rejected = encode_raw(raw, encoded)
        if rejected.count:
            raise WorkflowError(rejected.first[0].removeprefix("line 1: "))
        runtime, classes = watched.clients("sagemaker-runtime"), _classes(watched)
        with aws.actionable_errors():
            rows = predict(
                read_rows(encoded, raw),
                watched.endpoint_name,
                runtime=runtime,
                numbers=classes.numbers,
            )
            return next((classes.as_text(prediction) for _, prediction in rows), "")


def _classes(watched: Watched) -> Classes:
    try:
        return check_names(encoded_features(), watched.endpoint_name, clients=watched.clients)
    except UnknownFeaturesError:
        return Classes()
