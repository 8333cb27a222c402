#!/usr/bin/env bash
# The serving toolkit's CSV decoder reads an empty cell as 0, -1, NaN or False, by what else stands in the request.
#
# Versions:  sagemaker-inference 1.10.1, numpy 2.4.6 (1.26.4 does the same).
# Behaviour: the type of every column is guessed from the cells of this one request. An empty cell is -1 in a column of whole numbers,
#            NaN in one of decimals; in a request of a single row every cell is a column, so the empty one is False, which becomes 0
#            where the others are whole numbers or all decimals. Two types in one request end in one record a row, without columns at all, and a single row
#            is a vector, not a matrix of one row.
# Seen:      1,,3            -> int64 (3,) [1, 0, 3]
#            1,,3 / 4,5,6    -> int64 (2, 3) [[1, -1, 3], [4, 5, 6]]
#            1,,3 / 4,5.5,6  -> records (2,) [(1, nan, 3), (4, 5.5, 6)]
#            1.5,,3          -> records () (1.5, False, 3)
# Why:       the default input_fn of containers that are built on this toolkit (PyTorch, MXNet, one's own) hands this array to the
#            model: the same customer with one number missing is scored as 0, as -1 or not at all, by who shares the request, and no
#            error says so. Give input_fn a decoder with a type of its own, or send JSON.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sagemaker-inference==1.10.1 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from sagemaker_inference import decoder


def decoded(*rows):
    array = decoder.decode("\n".join(rows), "text/csv")
    kind = "records" if array.dtype.names else str(array.dtype)
    print(f"{' / '.join(rows):15} -> {kind} {array.shape} {array.tolist()}")
    return array


alone = decoded("1,,3")
assert alone.shape == (3,) and alone.tolist() == [1, 0, 3]

beside_whole_numbers = decoded("1,,3", "4,5,6")
assert beside_whole_numbers.tolist() == [[1, -1, 3], [4, 5, 6]]

beside_a_decimal = decoded("1,,3", "4,5.5,6")
assert beside_a_decimal.dtype.names and beside_a_decimal.shape == (2,)
missing = beside_a_decimal[0][1]
assert missing != missing

alone_with_a_decimal = decoded("1.5,,3")
assert alone_with_a_decimal.tolist() == (1.5, False, 3)
PYTHON
