#!/usr/bin/env bash
# One missing value in a column, and alibi-detect says of it that nothing has drifted, whatever the other rows say.
#
# Versions:  alibi-detect 0.13.0, numpy 1.26.4, scipy 1.17.1.
# Behaviour: KSDrift, CVMDrift and TabularDrift hand a column to scipy as it is. With one NaN among its rows, in the reference or in what is
#            compared, the p-value and the distance are NaN, NaN is not below the threshold, and `is_drift` is 0. No warning, no error. The
#            same rows without the one that has the NaN are drift with a p-value of 0. The other columns are judged as ever.
# Seen:      KSDrift      moved by 3 standard deviations: drift 1; with one NaN in 1000: drift 0, p nan; one in the reference: drift 0, p nan
#            CVMDrift     moved by 3 standard deviations: drift 1; with one NaN in 1000: drift 0, p nan; one in the reference: drift 0, p nan
#            TabularDrift moved by 3 standard deviations: drift 1; with one NaN in 1000: drift 0, p nan; one in the reference: drift 0, p nan
# Why:       captured calls of an endpoint have missing values, since XGBoost takes them. A monitor built on this is silent from the first one on,
#            for good where it is in the reference. Drop them a column, count them apart, and look for NaN among the p-values.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet alibi-detect==0.13.0 numpy==1.26.4 scipy==1.17.1
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import math

import numpy
from alibi_detect.cd import CVMDrift, KSDrift, TabularDrift

random = numpy.random.default_rng(0)
reference, moved = random.normal(size=(1000, 1)), random.normal(size=(1000, 1)) + 3


def with_one_missing(rows):
    found = rows.copy()
    found[7, 0] = numpy.nan
    return found


def judged(detector, before, after):
    told = detector(before, p_val=0.05).predict(after)["data"]
    return told["is_drift"], float(told["p_val"][0])


for detector in (KSDrift, CVMDrift, TabularDrift):
    whole = judged(detector, reference, moved)
    compared = judged(detector, reference, with_one_missing(moved))
    kept = judged(detector, with_one_missing(reference), moved)
    without = judged(detector, reference, numpy.delete(moved, 7, axis=0))
    assert whole[0] == without[0] == 1
    assert compared[0] == kept[0] == 0 and math.isnan(compared[1]) and math.isnan(kept[1])
    print(
        f"{detector.__name__:12} moved by 3 standard deviations: drift {whole[0]}; with one NaN in 1000: drift {compared[0]}, "
        f"p {compared[1]}; one in the reference: drift {kept[0]}, p {kept[1]}"
    )
PYTHON
