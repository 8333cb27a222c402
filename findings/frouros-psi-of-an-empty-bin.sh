#!/usr/bin/env bash
# Frouros' population stability index calls two samples of one distribution a major shift, for a bin that one of them leaves empty.
#
# Versions:  frouros 0.9.0, numpy 1.26.4.
# Behaviour: an empty bin counts as the smallest number that a double holds (2e-308), so a single row of 1,000 in a bin that is empty on
#            the other side adds ln(0.001 / 2e-308) x 0.001 = 0.70. The usual rule of thumb calls 0.1 a shift and 0.25 a major one. The ten bins
#            reach from the least to the greatest value of both samples, so with a long tail there is nearly always such a bin.
# Seen:      one lognormal distribution twice, rows each and share of 200 pairs above 0.25:
#            1000 rows: frouros 97 %, with empty bins as 0.0001: 0 %
#            10000 rows: frouros 32 %, with empty bins as 0.0001: 0 %
#            1000 rows, and the same rows but for one outlier: frouros 0.70
# Why:       the index is the most used measure of drift in credit and marketing, and who takes this one for an alarm is called every
#            hour. Ask a library what it does with an empty bin before its number meets a threshold from a book.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet frouros==0.9.0 numpy==1.26.4
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy
from frouros.detectors.data_drift import PSI


def frouros(reference, current):
    detector = PSI()
    detector.fit(X=reference)
    return float(detector.compare(X=current)[0].distance)


def with_a_floor(reference, current, floor=0.0001):
    edges = numpy.histogram_bin_edges(numpy.concatenate([reference, current]), 10)
    first, second = (numpy.maximum(numpy.histogram(rows, edges)[0] / len(rows), floor) for rows in (reference, current))
    return float(((second - first) * numpy.log(second / first)).sum())


random = numpy.random.default_rng(7)
SHARES = {1000: 50, 10000: 10}
print("one lognormal distribution twice, rows each and share of 200 pairs above 0.25:")
for rows in (1000, 10000):
    pairs = [(random.lognormal(size=rows), random.lognormal(size=rows)) for _ in range(200)]
    theirs, floored = (sum(index(*pair) > 0.25 for pair in pairs) / 2 for index in (frouros, with_a_floor))
    print(f"{rows} rows: frouros {theirs:.0f} %, with empty bins as 0.0001: {floored:.0f} %")
    assert floored == 0 and theirs > SHARES[rows]

reference = random.uniform(size=1000)
current = reference.copy()
current[0] = 10.0
index = frouros(reference, current)
print(f"1000 rows, and the same rows but for one outlier: frouros {index:.2f}")
assert 0.65 < index < 0.75
PYTHON
