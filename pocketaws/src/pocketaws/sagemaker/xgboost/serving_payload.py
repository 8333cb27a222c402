"""Read the body of a request to /invocations as the XGBoost container reads it.

Sources: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/`:
`algorithm_mode/serve_utils.py` (`parse_content_data`), `encoder.py` (`csv_to_dmatrix`),
`data_utils.py` (`get_content_type`). The container hands the text of every cell to `float()`,
finds the delimiter by `csv.Sniffer`, and takes an empty cell for a missing value.
"""

import csv
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pocketaws.sagemaker.xgboost.channels import CONTENT_TYPES

# Flask takes bodies of these types for a form, and the payload is then empty.
FORM_TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_SNIFFED_CHARACTERS: Final = 512
# From so many rows on, one call of NumPy's reader is quicker than a call of float() for each cell.
_MANY_ROWS: Final = 8
# White space to NumPy's reader and not to float().
_SEPARATORS: Final = "\x1c\x1d\x1e\x1f"
_MISSING: Final = float("nan")

Features: TypeAlias = NDArray[np.float32] | csr_matrix


class PayloadError(ValueError):
    """The body, or its content type, cannot be read; the text is the container's answer."""


def media_type(content_type: str | None) -> str:
    """Return a content type without its parameters, in lower case; "" for none."""
    return (content_type or "").partition(";")[0].strip().lower()


def read_payload(body: bytes, content_type: str | None, *, shifts_libsvm: bool = False) -> Features:
    """Return the rows of a body: a table with NaN for missing, or a sparse one from libsvm.

    Args:
        body: not empty.
        content_type: as the request's header has it; the container takes none for libsvm.
        shifts_libsvm: whether libsvm that counts from 1 or more is counted from one less.

    Raises:
        PayloadError: the type is unknown or not reproduced here, or the body is not of this type.
    """
    content_format = _content_format(content_type)
    try:
        text = body.strip().decode("utf-8")
        return (
            _read_csv(text) if content_format == "csv" else _read_libsvm(text, shifts=shifts_libsvm)
        )
    except (ValueError, csv.Error) as error:
        raise PayloadError(
            f"Loading {content_format} data failed with Exception, please ensure data is in "
            f"{content_format} format:\n {type(error)}\n {error}"
        ) from error


def _content_format(content_type: str | None) -> str:
    if not content_type:
        return "libsvm"
    given = media_type(content_type)
    if given not in CONTENT_TYPES:
        accepted = ", ".join(CONTENT_TYPES)
        raise PayloadError(f"{content_type} is not an accepted ContentType: {accepted}.")
    content_format = CONTENT_TYPES[given]
    if content_format == "csv":
        _check_label_size(content_type)
    if content_format == "parquet":
        raise PayloadError(f"Content-type {content_type} is not supported.")
    if content_format == "recordio-protobuf":
        raise PayloadError(
            f"{content_type}: reading recordio-protobuf is not reproduced locally; use text/csv"
        )
    return content_format


def _check_label_size(content_type: str) -> None:
    """Refuse another number of labels than one; a parameter without a value says nothing."""
    parameters = [part.partition("=") for part in content_type.lower().split(";")[1:]]
    sizes = [value for name, equals, value in parameters if equals and name.strip() == "label_size"]
    if sizes and _unquoted(sizes[-1].strip()) != "1":
        raise PayloadError(
            f"{content_type} is not an accepted csv ContentType. "
            "Optional parameter label_size must be equal to 1"
        )


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value.startswith('"') and value.endswith('"')
    return value[1:-1] if is_quoted else value


def _read_csv(text: str) -> NDArray[np.float32]:
    lines = text.split("\n")
    delimiter = _delimiter(lines[0])
    is_plain = len(lines) >= _MANY_ROWS and not any(mark in text for mark in _SEPARATORS)
    table = _quickly_read(lines, delimiter) if is_plain else None
    if table is None:
        table = _read_by_cell(lines, delimiter)
    if np.isinf(table).any():
        raise ValueError(
            "Check failed: valid: Input data contains `inf` or a value too large, while `missing` "
            "is not set to `inf`"
        )
    return table


def _delimiter(line: str) -> str:
    """Find the delimiter as the container does: by `csv.Sniffer` from the first line.

    Without quotes the sniffer takes a comma wherever there is one, so it is not asked then: it
    counts every character of ASCII.
    """
    sample = line[:_SNIFFED_CHARACTERS]
    if "," in sample and '"' not in sample and "'" not in sample:
        return ","
    sniffed = csv.Sniffer().sniff(sample).delimiter
    return "," if sniffed.isalnum() else sniffed


def _read_by_cell(lines: Sequence[str], delimiter: str) -> NDArray[np.float32]:
    rows = [[float(cell) if cell else _MISSING for cell in line.split(delimiter)] for line in lines]
    columns = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if len(row) != columns:
            raise ValueError(
                f"row {number} has {len(row)} columns, row 1 has {columns}: the array would have "
                "an inhomogeneous shape"
            )
    with np.errstate(over="ignore"):  # what is too large is refused as inf
        return np.array(rows, dtype=np.float64).astype(np.float32)


def _quickly_read(lines: Sequence[str], delimiter: str) -> NDArray[np.float32] | None:
    """Read clean rows; None for rows that it refuses, or of which it skips some (empty ones).

    What it accepts, `float()` accepts with the same value, but for `_SEPARATORS`.
    """
    try:
        table = np.loadtxt(lines, np.float64, comments=None, delimiter=delimiter, ndmin=2)
    except (TypeError, ValueError):  # the first for a delimiter such as CR
        return None
    with np.errstate(over="ignore"):
        return table.astype(np.float32) if len(table) == len(lines) else None


def _read_libsvm(text: str, *, shifts: bool) -> csr_matrix:
    """Read `INDEX:VALUE` tokens; indices count from 0, and tokens without a colon are labels.

    As in the container the last rows count only if they have a feature, and a body without any is
    an error.
    """
    rows, columns, values = [], [], []
    for number, line in enumerate(text.split("\n")):
        for token in line.split(" "):
            if ":" in token:
                index, value, *_ = token.split(":")
                rows.append(number)
                columns.append(_index(index))
                values.append(float(value))
    if not rows:
        raise ValueError("cannot infer dimensions from zero sized index arrays")
    first = 1 if shifts and min(columns) > 0 else 0
    return csr_matrix((np.array(values), (rows, np.array(columns) - first)))


def _index(text: str) -> int:
    index = int(text)
    if not 0 <= index < 2**31:
        raise ValueError(f"feature index {index} is not in 0..2147483647")
    return index
