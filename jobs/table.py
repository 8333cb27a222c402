"""The table whose rows are read: that of `columns.py`, or one that a document describes.

The evaluation leaves the document beside the model, so that rows for an endpoint are encoded as
those were that its model was trained on, whatever `columns.py` has become:

    {"label": "rings", "problem": "regression", "decimal": ".",
     "columns": [{"kind": "Category", "name": "sex", "values": ["F", "I", "M"], ...}, ...]}

It is taken where the environment's `ENCODING_PATH` names a file of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING as NO_DEFAULT
from dataclasses import fields
from pathlib import Path
from typing import Any

from kinds import (
    REGRESSION,
    ByLabel,
    Category,
    Column,
    ColumnsError,
    Count,
    Date,
    Flag,
    Hashed,
    Ignored,
    Number,
    Ordered,
    Rule,
    Weight,
)

ENCODING_PATH = "ENCODING_PATH"
KINDS: Mapping[str, Callable[..., Column]] = {
    kind.__name__: kind
    for kind in (Category, Count, Date, Flag, Hashed, Ignored, Number, Ordered, Weight)
}


def described(column: Column) -> dict[str, Any]:
    """Return what tells a column from others of its kind."""
    given = {
        field.name: getattr(column, field.name)
        for field in fields(column)
        if field.default is NO_DEFAULT or getattr(column, field.name) != field.default
    }
    return {"kind": type(column).__name__, **given}


def column_of(description: dict[str, Any]) -> Column:
    """Return the column that `described` described.

    Raises:
        ColumnsError: It is none of the kinds, or not described as they are.
    """
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in description.items()
        if key != "kind"
    }
    try:
        return KINDS[description["kind"]](**given)
    except (KeyError, TypeError) as error:
        raise ColumnsError(
            f"the model's encoding has a column that is not known here: {description}; use the "
            "version of this repository that trained it"
        ) from error


def document() -> dict[str, Any]:
    """Return the document of this table."""
    return {
        "label": LABEL,
        "problem": PROBLEM,
        "decimal": DECIMAL,
        "columns": [described(column) for column in COLUMNS],
    }


def load_table() -> dict[str, Any]:
    """Return the table that is asked for, as the names that `columns.py` has.

    Raises:
        ColumnsError: The document is none.
    """
    path = os.environ.get(ENCODING_PATH)
    if not path:
        import columns
        from columns import COLUMNS, LABEL

        return {**vars(columns), "COLUMNS": COLUMNS, "LABEL": LABEL}
    try:
        found = json.loads(Path(path).read_bytes())
        return {
            "LABEL": str(found["label"]),
            "PROBLEM": found["problem"],
            "DECIMAL": found["decimal"],
            "COLUMNS": tuple(map(column_of, found["columns"])),
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ColumnsError(f"the model's encoding, {path}, cannot be read: {error!r}") from error


_TABLE = load_table()
COLUMNS: tuple[Column, ...] = _TABLE["COLUMNS"]
LABEL: str = _TABLE["LABEL"]
PROBLEM: str = _TABLE.get("PROBLEM", REGRESSION)
DECIMAL: str = _TABLE.get("DECIMAL", ".")
SPLIT_RULE: Rule | ByLabel | None = _TABLE.get("SPLIT")
# That of a column; a split by label puts rows elsewhere once they are encoded.
SPLIT: Rule | None = None if isinstance(SPLIT_RULE, ByLabel) else SPLIT_RULE
IS_SPLIT_BY_LABEL = isinstance(SPLIT_RULE, ByLabel)
CLASS_WEIGHTS: Mapping[str, float] | None = _TABLE.get("CLASS_WEIGHTS")
