#!/usr/bin/env bash
# In XGBoost's own CSV reader an empty field is missing, a field of one blank is 0.0, a dash is 0.0, and 1e400 is a number.
#
# Versions:  xgboost-cpu 3.2.0 (numpy 2.4.6, scipy 1.17.1).
# Behaviour: a field is read as far as it looks like a number, and the rest is dropped in silence. What has no number at all is
#            missing, if it is empty or begins with a letter or a quote, but zero if it is a blank or a sign. `inf` is refused with an
#            error, `1e400` becomes 1e+38, `1e-50` becomes 1.18e-38 and not 0, and an integer of 24 digits wraps round.
#            In the label's column there is no "missing": an empty label, `NA` or a header's word is the label 0.
# Seen:      see the table in the script; it is what the run prints.
# Why:       the built-in container trains on CSV through this reader, with the label first. A fixed-width export ("1.0, ,2.0") turns
#            missing values into zeros, a table with quoted numbers ("1.5") loses the column, a header becomes an example with label 0, and
#            the reader fails on none of them. Whatever writes the channel has to write plain numbers and empty fields only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet xgboost-cpu==3.2.0 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import pathlib
import warnings

import numpy
import xgboost

warnings.filterwarnings("ignore", message=".*Text file input has been deprecated")
xgboost.set_config(verbosity=0)


def read(text):
    pathlib.Path("rows.csv").write_text(text)
    return xgboost.DMatrix("rows.csv?format=csv&label_column=0")


def feature(field):
    """Return what a field between two numbers is read as: a number, or None where it is missing."""
    stored = read(f"7,1,{field},3\n7,1,2,3\n").get_data()
    row = dict(zip(stored.indices[: stored.indptr[1]], stored.data[: stored.indptr[1]]))
    return row.get(1)


MISSING = None
FIELDS = {
    "": MISSING, "NA": MISSING, "nan": MISSING, "true": MISSING, '"1.5"': MISSING,
    " ": 0.0, "-": 0.0, "0x10": 0.0,
    "12abc": 12.0, "1d3": 1.0, "1_000": 1.0, "1e": 1.0,
    "1e400": 1e38, "1e-50": 1.1754942e-38, "123456789012345678901234": 1.1177671e19,
}
for field, expected in FIELDS.items():
    found = feature(field)
    print(f"{field!r:28} {'missing' if found is None else format(found, '.8g')}")
    assert (found is None) == (expected is None), field
    assert found is None or numpy.isclose(found, expected, rtol=1e-6, atol=0), field

for label in ("", "NA", "rings"):
    assert read(f"{label},1,2\n7,1,2\n").get_label().tolist() == [0.0, 7.0], label
    print(f"label {label!r:22} 0")

try:
    feature("inf")
except xgboost.core.XGBoostError as error:
    print("'inf'                        refused:", str(error).partition("valid: ")[2].splitlines()[0])
else:
    raise SystemExit("changed: inf is read")
PYTHON
