"""The JSON files that the evaluation leaves, no larger than what reads them takes.

Functions read them whole, so each has a bound, and a file past it would be one that nothing can
read: the execution would release a model that can never be deployed. `functions/read_evaluation`,
`functions/approval` and `functions/smoke_test` have the same bounds; a test compares them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from container import JobError

EVALUATION_MAXIMUM_BYTES = 1_000_000
REPORT_MAXIMUM_BYTES = 1_000_000
# Serverless inference takes 4 MB in one request, and the rows are sent in one:
# https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
ANSWERS_MAXIMUM_BYTES = 4_000_000
# `monitor.py` reads it, in a function of 1 GB, too; some 4 kB a column of numbers.
BASELINE_MAXIMUM_BYTES = 16_000_000


def write_json(path: Path, document: dict[str, Any], maximum_bytes: int | None = None) -> None:
    """Write a document.

    Raises:
        JobError: A number is NaN or infinite, which JSON does not have, or the file would be larger
            than what reads it takes.
    """
    try:
        text = json.dumps(document, indent=2, allow_nan=False)
    except ValueError as error:
        raise JobError(
            f"{path.name} would hold NaN or infinity; the labels, predictions or gains are too "
            "large to compute with"
        ) from error
    content = f"{text}\n".encode()
    if maximum_bytes is not None and len(content) > maximum_bytes:
        raise JobError(
            f"{path.name} would have {len(content)} bytes, and what reads it takes at most "
            f"{maximum_bytes}; give columns.py fewer columns, or categories of fewer values"
        )
    path.write_bytes(content)


def first_rows(
    document: dict[str, Any], maximum_bytes: int = ANSWERS_MAXIMUM_BYTES
) -> dict[str, Any]:
    """Return a document with as many of its `rows` as fit into a file, at least one of them."""
    rows = document["rows"]
    while len(rows) > 1 and size_of({**document, "rows": rows}) > maximum_bytes:
        rows = rows[:-1]
    return {**document, "rows": rows}


def size_of(document: dict[str, Any]) -> int:
    """Return the bytes of a document as `write_json` writes it."""
    return len(json.dumps(document, indent=2).encode()) + 1
