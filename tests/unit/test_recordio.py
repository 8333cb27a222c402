"""`jobs/recordio.py`: requests and answers as RecordIO of protobuf messages."""

from __future__ import annotations

import math
import random
import struct

import pytest

from pocketaws.sagemaker.xgboost import recordio as written
from tests.unit.modules import PROJECT_DIR, load

recordio = load("jobs", parent=PROJECT_DIR).recordio

# What sagemaker.amazon.common.write_numpy_to_dense_tensor of the SageMaker Python SDK 2.257 writes
# of the row [1, 2.5, -3] with the label 1, as float32 and as int64 (2 in the place of 2.5).
NAME = "0a0676616c75657312"  # The key "values", and that its value follows.
BY_THE_SDK = {
    "float32": f"0a23d7ce300000000a1a{NAME}10120e0a0c0000803f00002040000040c0"
    f"1212{NAME}0812060a040000803f",
    "int64": f"0a23d7ce2d0000000a1a{NAME}103a0e0a0c0102fdffffffffffffffff01"
    f"120f{NAME}053a030a0101000000",
}


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def record(tensor: bytes, kind: int = 2, name: str = "values") -> bytes:
    """Return a framed record of one tensor of features."""
    message = field(1, field(1, name.encode()) + field(2, field(kind, tensor)))
    return struct.pack("<II", 0xCED7230A, len(message)) + message + bytes(-len(message) % 4)


def floats(*values: float) -> bytes:
    return field(1, struct.pack(f"<{len(values)}f", *values))


def keys(*places: int) -> bytes:
    return field(2, b"".join(map(varint, places)))


@pytest.mark.parametrize(
    ("kind", "row"), [("float32", ["1", "2.5", "-3"]), ("int64", ["1", "2", "-3"])]
)
def test_what_the_sdk_writes_is_read(kind: str, row: list[str]) -> None:
    content = bytes.fromhex(BY_THE_SDK[kind])

    assert recordio.rows_of_records(content * 2, 3) == [row, row]
    assert recordio.scores_of_records(content) == [1]


def test_a_sparse_record_leaves_out_what_it_does_not_name() -> None:
    content = record(floats(1.5, 2.5) + keys(0, 200) + field(3, varint(201)))

    (row,) = recordio.rows_of_records(content, 201)

    assert (row[0], row[200], set(row[1:200])) == ("1.5", "2.5", {None})


def test_integers_have_a_sign() -> None:
    tensor = field(1, varint(3) + varint(2**64 - 2))

    assert recordio.rows_of_records(record(tensor, kind=7), 2) == [["3", "-2"]]


def test_a_float_of_32_bits_is_written_as_the_baseline_has_it() -> None:
    made = random.Random(1)
    values = [made.randrange(10**6) / 10 ** made.randrange(7) for _ in range(500)]

    (row,) = recordio.rows_of_records(record(floats(*values)), 500)

    assert [*map(float, row)] == values


def test_any_float_of_32_bits_is_read_as_itself() -> None:
    made = random.Random(2)
    packed = [made.randbytes(4) for _ in range(500)]
    packed += [struct.pack("<f", value) for value in (math.inf, -math.inf, math.nan, 0.0, -0.0)]
    packed += [bytes.fromhex("ffff7f7f"), bytes.fromhex("01000000")]

    (row,) = recordio.rows_of_records(record(field(1, b"".join(packed))), len(packed))

    for text, one in zip(row, packed, strict=True):
        (value,) = struct.unpack("<f", one)
        read = float(text)
        assert (math.isnan(read) and math.isnan(value)) or struct.pack("<f", read) == one


def test_fields_of_other_kinds_are_passed_over() -> None:
    tensor = field(9, b"more") + varint(10 << 3) + varint(300) + floats(1, 2)
    tensor += varint(11 << 3 | 5) + bytes(4) + varint(12 << 3 | 1) + bytes(8)

    assert recordio.rows_of_records(record(tensor), 2) == [["1", "2"]]


def test_the_score_of_an_answer_is_its_prediction() -> None:
    content = written.framed({"predicted_score": [0.25], "score": [9.5]}) + written.framed(
        {"probabilities": [0.5, 0.75]}
    )

    assert recordio.scores_of_records(content) == [9.5, 0.5]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"0.5,1.25", "no frame of RecordIO"),
        (b"abc", "a frame that is cut"),
        (record(floats(1, 2))[:20], "one that is cut"),
        (written.framed({"score": [1.0]}), "a record without features"),
        (record(floats(1, 2) + keys(0)), "does not fit the columns"),
        (record(floats(1.0) + keys(7)), "does not fit the columns"),
        (record(b"words", kind=9), "no tensor of numbers"),
        (record(field(1, b"abc")), "a tensor that is cut"),
        (record(varint(1 << 3) + varint(3)), "a number where a message is expected"),
        (record(varint(1 << 3 | 3)), "a field of an unknown kind"),
        (record(varint(1 << 3 | 2) + varint(9)), "a field that is cut"),
        (record(b"\x80" * 12), "a number that is cut"),
    ],
)
def test_what_is_no_record_says_why(content: bytes, told: str) -> None:
    with pytest.raises(recordio.RecordError, match=told):
        recordio.rows_of_records(content, 3)


def test_whatever_bytes_come_no_other_error_is_raised() -> None:
    made = random.Random(3)
    whole = record(floats(1, 2) + keys(0, 2)) + record(floats(1, 2, 3))
    for _ in range(3000):
        content = bytearray(whole)
        for _ in range(made.randrange(1, 4)):
            content[made.randrange(len(content))] = made.randrange(256)
        for read in (lambda it: recordio.rows_of_records(it, 3), recordio.scores_of_records):
            try:
                read(bytes(content[: made.randrange(len(content) + 1)]))
            except recordio.RecordError:
                continue
