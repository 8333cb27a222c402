#!/usr/bin/env bash
# Evidently's drift preset calls the same two samples "no drift" with 1,000 reference rows and "drift" with 1,001.
#
# Versions:  evidently 0.7.23 with pandas 3.0.6, numpy 2.4.6, scipy 1.17.1. (evidently sets pandas no upper bound and cannot be
#            imported beside pandas 3.1.1, which a plain install takes: "cannot import name 'infer_dtype_from_object'".)
# Behaviour: up to 1,000 reference rows the preset tests numbers with Kolmogorov-Smirnov and compares a p-value with 0.05 (drift when
#            below); from 1,001 on it measures the normed Wasserstein distance against 0.1 (drift when above).
#            Missing values are dropped first: a column that has lost nine of ten values has "not drifted".
# Seen:      shift of 0.12 deviations: 1000 rows, K-S p_value 0.3962, no drift; 1001 rows, Wasserstein distance (normed) 0.1202, drift
#            nine of ten values missing: K-S p_value 1.0, no drift
# Why:       AWS names Evidently in place of its own analyzer. An alarm on "drifted columns" turns over when the baseline crosses 1,000
#            rows, the number changes its direction (p-values fall with drift, distances rise), and missing values need a test of their own.
#            Name the method and the threshold, and pin pandas.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet evidently==0.7.23 pandas==3.0.6 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import statistics

import numpy
import pandas
from evidently import Report
from evidently.presets import DataDriftPreset


def normal(rows):
    """Return a normal sample without chance: its quantiles."""
    return numpy.array([statistics.NormalDist().inv_cdf((i + 0.5) / rows) for i in range(rows)])


def drift(reference, current):
    """Return the method that the preset chose, what it found, and how many columns it calls drifted."""
    report = Report([DataDriftPreset()]).run(pandas.DataFrame({"length": current}), pandas.DataFrame({"length": reference}))
    count, column = report.dict()["metrics"]
    method = column["metric_name"].partition("method=")[2].partition(",")[0]
    return method, round(float(column["value"]), 4), int(count["value"]["count"])


current = normal(500) + 0.12
few = drift(normal(1000), current)
many = drift(normal(1001), current)
gaps = normal(500)
gaps[numpy.arange(500) % 10 != 5] = numpy.nan
missing = drift(normal(1000), gaps)
print("1000 rows:", *few)
print("1001 rows:", *many)
print("nine of ten missing:", *missing)
assert few[0] == missing[0] == "K-S p_value" and many[0] == "Wasserstein distance (normed)", "changed: other methods"
assert (few[2], many[2], missing[2]) == (0, 1, 0), "changed: other verdicts"
PYTHON

"$folder/venv/bin/pip" install --quiet pandas==3.1.1
if "$folder/venv/bin/python" -W ignore -c "import evidently" 2> words; then
  echo "changed: evidently can be imported beside pandas 3.1.1"
  exit 1
fi
tail -n 1 words | cut -d "'" -f 1-4
grep -q infer_dtype_from_object words
