"""Bodies become the same numbers as in the container, whichever of the two readers reads them."""

import csv
import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pocketaws.sagemaker.xgboost.serving_payload import PayloadError, read_payload

NUMBERS = st.floats(width=32, allow_infinity=False).map(repr) | st.integers(-(10**6), 10**6).map(
    str
)
ODD_CELLS = st.sampled_from(
    [
        *("", " ", "nan", "inf", "-inf", "1e39", "1_0", "0x1", "1e", "é", "\uff11", "+1", ".5"),
        *('"1"', "'1'", "#1", "1#", "1 2", "1;2", "True", "-", "1e400", "\u00a01", "1\x0b"),
        *("1.", "\r", "1\x1c", "1\x85"),
    ]
)
CELLS = st.one_of(NUMBERS, ODD_CELLS)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=12)
EVEN_ROWS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=12)
)


def by_the_containers_rule(text: str) -> list[list[float]] | None:
    """Each cell by float(), an empty one missing, rows of one length, nothing infinite; or None."""
    # The bytes are stripped, which leaves more white space than stripping text does.
    lines = text.encode().strip().decode().split("\n")
    try:
        sniffed = csv.Sniffer().sniff(lines[0][:512]).delimiter
        delimiter = "," if sniffed.isalnum() else sniffed
        rows = [[float(cell or "nan") for cell in line.split(delimiter)] for line in lines]
        with np.errstate(over="ignore"):
            table = np.array(rows, dtype=np.float64).astype(np.float32)
    except (ValueError, csv.Error):
        return None
    return None if np.isinf(table).any() else table.tolist()


@given(st.one_of(ROWS, EVEN_ROWS), st.sampled_from([",", ";", "\t", "|", " "]), st.booleans())
def test_csv_is_read_as_the_container_reads_it(
    rows: list[list[str]], delimiter: str, is_repeated: bool
) -> None:
    text = "\n".join(delimiter.join(row) for row in rows * (10 if is_repeated else 1))
    try:
        read = read_payload(text.encode(), "text/csv").tolist()
    except PayloadError:
        read = None

    assert json.dumps(read) == json.dumps(by_the_containers_rule(text))


@given(
    text=st.text(alphabet="01.,;:\n\r \t'\"-e|a", max_size=60),
    is_repeated=st.booleans(),
)
@example(text="1\r2\r3", is_repeated=True)
def test_any_text_is_read_as_the_container_reads_it_or_refused(
    text: str, *, is_repeated: bool
) -> None:
    text = "\n".join([text] * 10) if is_repeated else text
    try:
        read = read_payload(text.encode(), "text/csv").tolist()
    except PayloadError:
        read = None

    assert json.dumps(read) == json.dumps(by_the_containers_rule(text))


@given(st.binary(max_size=80), st.sampled_from(["text/csv", "text/libsvm", None]))
def test_any_bytes_are_rows_or_an_error_with_the_containers_words(
    body: bytes, content_type: str | None
) -> None:
    told = "none"
    try:
        told = f"{read_payload(body, content_type).shape[0]} rows"
    except PayloadError as error:
        told = str(error)

    assert re.match(r"[1-9]\d* rows|Loading (csv|libsvm) data failed with Exception, please", told)


def test_the_last_rows_of_libsvm_count_only_with_a_feature_as_in_the_container() -> None:
    table: Any = read_payload(b"1 0:2\n\n1 1:3 1:4\n0\n0", "text/libsvm")

    assert table.toarray().tolist() == [[2, 0], [0, 0], [0, 7]]


@pytest.mark.parametrize("content_type", ["text/csv; label_size=1=1", "text/csv;LABEL_SIZE=0"])
def test_a_label_size_other_than_one_is_refused(content_type: str) -> None:
    with pytest.raises(PayloadError, match="label_size must be equal to 1"):
        read_payload(b"1,2", content_type)
