#!/usr/bin/env bash
# The SDK's RecordIO writer takes 64-bit whole numbers and writes 32, and refuses arrays that are 32 bits wide already.
#
# Versions:  sagemaker 2.257.7 (protobuf as it brings it along), numpy 1.26.4.
# Behaviour: write_numpy_to_dense_tensor writes an int64 array as Int32Tensor, though the message has no tensor of 64-bit whole numbers to be
#            spoilt for; an int32 array, which would fit exactly, is an unsupported dtype, as are int8, uint8, bool and float16. A number beyond
#            32 bits is refused only when it is met, in the middle of the file.
# Seen:      int64 -> int32_tensor
#            float64 -> float64_tensor
#            float32 -> float32_tensor
#            int32, int8, uint8, bool, float16: ValueError, Unsupported dtype
#            rows 1, 2 and 2**40: 2 records are in the file when the third is refused
# Why:       RecordIO is the recommended form for the built-in algorithms. An id, a time in milliseconds or a hash passes every test of
#            small numbers, and then leaves a file that is cut short but valid up to there; a caller who downcasts to be safe is refused.
#            Convert features to float32, which is what the algorithms read them as.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sagemaker==2.257.7 numpy==1.26.4
cd "$folder"
"$folder/venv/bin/python" - 2> /dev/null <<'PYTHON'
import io
import logging
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.INFO)

import numpy
from sagemaker.amazon.common import read_records, write_numpy_to_dense_tensor


def kinds_in(file):
    values = [record.features["values"] for record in read_records(io.BytesIO(file.getvalue()))]
    return [value.WhichOneof("value") for value in values]


refused = []
for dtype in ("int64", "float64", "float32", "int32", "int8", "uint8", "bool", "float16"):
    file = io.BytesIO()
    try:
        write_numpy_to_dense_tensor(file, numpy.ones((1, 2), dtype))
    except ValueError as error:
        assert "Unsupported dtype" in str(error), error
        refused.append(dtype)
        continue
    (kind,) = kinds_in(file)
    print(f"{dtype} -> {kind}")
    assert kind == {"int64": "int32_tensor"}.get(dtype, f"{dtype}_tensor")
print(f"{', '.join(refused)}: ValueError, Unsupported dtype")
assert refused == ["int32", "int8", "uint8", "bool", "float16"]

file = io.BytesIO()
try:
    write_numpy_to_dense_tensor(file, numpy.array([[1], [2], [2**40]]))
except ValueError as error:
    assert "out of range" in str(error), error
else:
    raise AssertionError("2**40 was written")
print(f"rows 1, 2 and 2**40: {len(kinds_in(file))} records are in the file when the third is refused")
assert len(kinds_in(file)) == 2
PYTHON
