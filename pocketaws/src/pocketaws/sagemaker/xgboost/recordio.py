"""Write numbers as RecordIO of protobuf messages, as Amazon's algorithms exchange them.

A record is a message `Record` whose field 2, a map from names to values, holds tensors of 32-bit
floats.

Sources: aws/sagemaker-python-sdk on GitHub, version 2 (`src/sagemaker/amazon/
record_pb2.py`); https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Final

_MAGIC: Final = 0xCED7230A
_ALIGNMENT: Final = 4
_LOW_BITS: Final = 0x7F
# Field numbers of the messages; all these fields are delimited by their length.
_RECORD_LABEL: Final = 2
_ENTRY_KEY: Final = 1
_ENTRY_VALUE: Final = 2
_VALUE_FLOAT32_TENSOR: Final = 2
_TENSOR_VALUES: Final = 1
_DELIMITED: Final = 2


def framed(labels: Mapping[str, Sequence[float]]) -> bytes:
    """Return one record, framed, with these labels."""
    message = b"".join(_entry(name, values) for name, values in labels.items())
    padding = -len(message) % _ALIGNMENT
    return struct.pack("<II", _MAGIC, len(message)) + message + bytes(padding)


def _entry(name: str, values: Sequence[float]) -> bytes:
    tensor = _field(_TENSOR_VALUES, struct.pack(f"<{len(values)}f", *values))
    value = _field(_ENTRY_VALUE, _field(_VALUE_FLOAT32_TENSOR, tensor))
    return _field(_RECORD_LABEL, _field(_ENTRY_KEY, name.encode()) + value)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _DELIMITED) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    groups = bytearray()
    while number > _LOW_BITS:
        groups.append(number & _LOW_BITS | (_LOW_BITS + 1))
        number >>= 7
    groups.append(number)
    return bytes(groups)
