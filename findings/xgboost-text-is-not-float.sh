#!/usr/bin/env bash
# XGBoost's own CSV reader rounds decimals differently from float(), and `hist` trees turn the last bit into other branches.
#
# Versions:  xgboost-cpu 3.2.0 (3.0.5 does the same), numpy 2.4.6, scipy 1.17.1.
# Behaviour: DMatrix("file?format=csv") is one unit in the last place off the float32 nearest to the text for one in eight
#            of the numbers with three decimals from 1 to 3, and exact below 1. `hist` (the default) takes its thresholds from the values
#            themselves, so a row that sat on a threshold in training falls on its other side when the same text comes through
#            float(). `exact` takes midpoints between values and is not touched.
# Seen:      0 of 999 numbers below 1 and 247 of 2000 from 1 to 3 differ, each by one unit in the last place
#            hist: 34 of 2000 training rows are predicted differently, by up to 0.0618 (labels: sin(5x))
#            exact: 0 of 2000
# Why:       the built-in container trains on CSV through this reader; a Python service or an evaluation that parses the same rows
#            with float(), pandas or JSON then answers other numbers for rows of the training set, while both sides are "right". Hold
#            a container's answers to a tolerance, or judge through the reader that trained.
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


def read(texts, labels):
    lines = (f"{label:.6f},{text}\n" for label, text in zip(labels, texts))
    pathlib.Path("rows.csv").write_text("".join(lines))
    return xgboost.DMatrix("rows.csv?format=csv&label_column=0")


def differing(first, last):
    texts = [f"{i / 1000:.3f}" for i in range(first, last)]
    ours = numpy.array([float(text) for text in texts], "float32")
    theirs = read(texts, ours).get_data().toarray()[:, 0].astype("float32")
    steps = ours.view("int32") - theirs.view("int32")
    assert set(numpy.abs(steps)) <= {0, 1}
    return int((steps != 0).sum()), len(texts)


below, above = differing(1, 1000), differing(1000, 3000)
print(f"{below[0]} of {below[1]} numbers below 1 and {above[0]} of {above[1]} from 1 to 3 differ")
assert below[0] == 0
assert above[0] > 100

values = numpy.round(numpy.random.default_rng(7).uniform(1, 3, 2000), 3)
trained_on = read([f"{value:.3f}" for value in values], numpy.sin(5 * values))
served = xgboost.DMatrix(values.reshape(-1, 1))
differ = {}
for method in ("hist", "exact"):
    model = xgboost.train({"max_depth": 6, "tree_method": method}, trained_on, 20)
    off = numpy.abs(model.predict(trained_on) - model.predict(served))
    differ[method] = int((off > 0).sum())
    print(f"{method}: {differ[method]} of {len(values)} rows are predicted differently, by up to {off.max():.4f}")
assert differ["hist"] > 0
assert differ["exact"] == 0
PYTHON
