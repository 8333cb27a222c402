"""Rows of a request as Amazon's algorithms exchange them: RecordIO of protobuf messages.

A record is a frame, a message `Record`, and zeros up to a multiple of four bytes. The message's
field 1, a map from names to tensors, holds the features under the name "values", dense or sparse,
as 32- or 64-bit floats or 32-bit integers. Read by the field numbers of the published message, as
the image has no library that knows it.

https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MAGIC = 0xCED7230A
_FRAME = struct.Struct("<II")
_ALIGNMENT = 4
# Of protobuf: https://protobuf.dev/programming-guides/encoding/
_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10
_FEATURES, _LABELS, _ENTRY_KEY, _ENTRY_VALUE = 1, 2, 1, 2
# By the field of Value that holds the tensor; the tensors' own fields are the same in all three.
_KINDS = {2: "f", 3: "d", 7: "i"}
_VALUES, _KEYS, _SHAPE = 1, 2, 3
_SIZES = {"f": 4, "d": 8}

Field = tuple[int, int | bytes]
Number = float | int


class RecordError(ValueError):
    """The bytes are no RecordIO of such messages."""


def rows_of_records(content: bytes, width: int) -> list[list[str | None]]:
    """Return the features of every record as texts; None for what a sparse one leaves out.

    A float of 32 bits is written with no more digits than it needs: 0.455, as the baseline has it,
    and not 0.4550000131.

    Raises:
        RecordError: They cannot be read, or a sparse record does not fit the width.
    """
    return [_row(message, width) for message in _messages(content)]


def scores_of_records(content: bytes) -> list[Number]:
    """Return the prediction of every record of an answer: its label `score`, or else its first.

    Raises:
        RecordError: They cannot be read.
    """
    return [_score(message) for message in _messages(content)]


def _messages(content: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(content):
        if len(content) - place < _FRAME.size:
            raise RecordError("a frame that is cut")
        magic, length = _FRAME.unpack_from(content, place)
        place += _FRAME.size
        if magic != _MAGIC or len(content) - place < length:
            raise RecordError("no frame of RecordIO, or one that is cut")
        yield content[place : place + length]
        place += length + -length % _ALIGNMENT


def _row(message: bytes, width: int) -> list[str | None]:
    entries = _entries(message, _FEATURES)
    if not entries:
        raise RecordError("a record without features")
    kind, tensor = _tensor(entries.get("values", next(iter(entries.values()))))
    values = [_text(value, kind) for value in _numbers(tensor, _VALUES, kind)]
    if not any(number in (_KEYS, _SHAPE) for number, _ in tensor):
        return [*values]
    keys = _integers(tensor, _KEYS)
    if len(keys) != len(values) or not all(key < width for key in keys):
        raise RecordError("a sparse record that does not fit the columns")
    row: list[str | None] = [None] * width
    for key, value in zip(keys, values, strict=True):
        row[key] = value
    return row


def _text(value: Number, kind: str) -> str:
    if kind != "f":
        return repr(value)
    # Nine digits tell any float of 32 bits from its neighbours.
    texts = (f"{value:.{digits}g}" for digits in range(6, 10))
    packed = struct.pack("<f", value)
    return next((text for text in texts if _packed(text) == packed), repr(value))


def _packed(text: str) -> bytes:
    try:
        return struct.pack("<f", float(text))
    except OverflowError:  # Rounded up, the greatest of them is too great.
        return b""


def _score(message: bytes) -> Number:
    entries = _entries(message, _LABELS)
    for name in ("score", "predicted_label", *entries):
        if name in entries:
            kind, tensor = _tensor(entries[name])
            values = _numbers(tensor, _VALUES, kind)
            if values:
                return values[0]
    raise RecordError("a record without a prediction")


def _entries(message: bytes, field: int) -> dict[str, bytes]:
    """Return a map's values by their names; of a name that comes twice the last, as protobuf."""
    found = {}
    for number, entry in _fields(message):
        if number == field:
            parts = dict(_fields(_content(entry)))
            name = _content(parts.get(_ENTRY_KEY, b"")).decode(errors="replace")
            found[name] = _content(parts.get(_ENTRY_VALUE, b""))
    return found


def _tensor(value: bytes) -> tuple[str, list[Field]]:
    for number, tensor in _fields(value):
        if number in _KINDS:
            return _KINDS[number], [*_fields(_content(tensor))]
    raise RecordError("a value that is no tensor of numbers")


def _numbers(tensor: list[Field], field: int, kind: str) -> list[Number]:
    if kind == "i":
        # A negative one is written as if it had 64 bits.
        return [value - (value >> 63 << 64) for value in _integers(tensor, field)]
    found: list[Number] = []
    for number, content in tensor:
        if number != field:
            continue
        packed = _content(content)
        if len(packed) % _SIZES[kind]:
            raise RecordError("a tensor that is cut")
        found += struct.unpack(f"<{len(packed) // _SIZES[kind]}{kind}", packed)
    return found


def _integers(tensor: list[Field], field: int) -> list[int]:
    """Return unsigned integers, packed or one by one."""
    found: list[int] = []
    for number, content in tensor:
        if number == field and isinstance(content, int):
            found.append(content)
        elif number == field:
            found += _varints(_content(content))
    return found


def _varints(packed: bytes) -> Iterator[int]:
    place = 0
    while place < len(packed):
        value, place = _varint(packed, place)
        yield value


def _content(field: int | bytes) -> bytes:
    if isinstance(field, int):
        raise RecordError("a number where a message is expected")
    return field


def _fields(message: bytes) -> Iterator[Field]:
    """Yield the fields of a message: a number's value, or the bytes of anything else."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield number, value
            continue
        if kind == _DELIMITED:
            length, place = _varint(message, place)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise RecordError("a field of an unknown kind")
        if len(message) - place < length:
            raise RecordError("a field that is cut")
        yield number, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(message[place : place + _MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return value, place + index + 1
    raise RecordError("a number that is cut")
