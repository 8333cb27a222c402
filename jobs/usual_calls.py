"""Calls of one row of CSV as SageMaker writes them, read many at once and not as JSON.

That takes a third of the time, and most captures are of that kind. A text without a backslash is
the same in JSON; whatever is written in another way is left to `captures.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# One after the other: a call that is read here, any other line, an empty line. In a text of JSON
# the quotation marks of the time's name would have backslashes, so it stands there once.
_LINES = re.compile(
    rb'\{"captureData":\{"endpointInput":\{"observedContentType":"text/csv","mode":"INPUT",'
    rb'"data":"([!#-\[\]-~][ !#-\[\]-~]*)(?:\\n)?","encoding":"CSV"\},"endpointOutput":\{'
    rb'"observedContentType":"text/csv[ -!#-\[\]-~]*","mode":"OUTPUT",'
    rb'"data":"(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?:\\n)?","encoding":"CSV"\}\},'
    rb'"eventMetadata":\{.*"inferenceTime":"([0-9:T-]{19}Z)"\},"eventVersion":"0"\}(?:\n|\Z)'
    rb"|(.+)\n?|\n"
)
# Stands between the rows, and in none: they hold no control characters.
_BETWEEN = "\n"


# A row, what was predicted, the time, and an empty text.
Usual = tuple[bytes, bytes, bytes, bytes]


def read_block(block: bytes) -> tuple[list[Usual], list[bytes]]:
    """Return the calls of a block of whole lines, and the lines to read in another way."""
    found = _LINES.findall(block)
    return [call for call in found if call[0]], [call[3] for call in found if call[3]]


def columns_of(rows: Sequence[bytes], width: int) -> list[list[str]] | None:
    """Divide rows of CSV into columns; None where not all of them are of the width."""
    separator = f",{_BETWEEN},".encode("ascii")
    fields = separator.join(rows).decode("ascii").split(",")
    each = width + 1
    if len(fields) != len(rows) * each - 1 or fields[width::each] != [_BETWEEN] * (len(rows) - 1):
        return None
    return [fields[place::each] for place in range(width)]
