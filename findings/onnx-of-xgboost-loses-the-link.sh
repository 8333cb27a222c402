#!/usr/bin/env bash
# The ONNX converter leaves the last step of some XGBoost objectives out: another number for every row, and no error.
#
# Versions:  onnxmltools 1.16.0, onnx 1.23.2, skl2onnx 1.20.0, onnxruntime 1.32.0, xgboost-cpu 3.2.0, numpy 1.26.4.
# Behaviour: convert_xgboost of a Booster applies the link function of squared error, binary:logistic, Poisson, gamma, Tweedie and
#            softprob, and equals XGBoost to the sixth digit. Of `reg:logistic` and `binary:hinge` the answer is the margin, and
#            `rank:pairwise` becomes a classification with two probabilities a row.
# Seen:      reg:squarederror   (1000, 1) greatest difference 0.0000
#            count:poisson      (1000, 1) greatest difference 0.0000
#            reg:logistic       (1000, 1) greatest difference 1.8268, answers from -1.76 to 2.31
#            binary:hinge       (1000, 1) greatest difference 4.4617, answers from -4.46 to 4.67
#            rank:pairwise      (1000, 2) greatest difference 3.3425, answers from 0.00 to 1.00
# Why:       `reg:logistic` is what one trains a share or a rate with. The converted model loads and answers everywhere, Triton and
#            SageMaker's own ONNX container included, and its "rates" lie below 0 and above 1. Compare a converted model with the
#            original on some rows before it is registered.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxmltools==1.16.0 onnx==1.23.2 skl2onnx==1.20.0 onnxruntime==1.32.0 xgboost-cpu==3.2.0 numpy==1.26.4
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy
import onnxruntime
import xgboost
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

xgboost.set_config(verbosity=0)
random = numpy.random.default_rng(7)
features = random.normal(size=(1000, 3)).astype("float32")
signal = 2 * features[:, 0] + features[:, 1] ** 2
LABELS = {
    "reg:squarederror": signal,
    "count:poisson": numpy.abs(numpy.round(signal)),
    "reg:logistic": (signal - signal.min()) / (signal.max() - signal.min()),
    "binary:hinge": (signal > 1).astype(int),
    "rank:pairwise": numpy.digitize(signal, [0, 2]),
}

differences, answers = {}, {}
for objective, labels in LABELS.items():
    rows = xgboost.DMatrix(features, labels)
    if objective.startswith("rank:"):
        rows.set_group([100] * 10)
    model = xgboost.train({"objective": objective, "max_depth": 4}, rows, 20)
    converted = convert_xgboost(model, initial_types=[("rows", FloatTensorType([None, 3]))])
    session = onnxruntime.InferenceSession(converted.SerializeToString())
    answer = session.run(None, {"rows": features})[-1]
    if isinstance(answer, list):
        answer = numpy.array([[one[name] for name in sorted(one)] for one in answer])
    answers[objective] = answer
    difference = float(numpy.abs(answer[:, -1] - model.predict(rows)).max())
    differences[objective] = difference
    wrong = f", answers from {answer.min():.2f} to {answer.max():.2f}" if difference > 1e-4 else ""
    print(f"{objective:18} {answer.shape} greatest difference {difference:.4f}{wrong}")

assert differences["reg:squarederror"] < 1e-4 and differences["count:poisson"] < 1e-4
assert differences["reg:logistic"] > 1 and answers["reg:logistic"].max() > 1 and answers["reg:logistic"].min() < 0
assert differences["binary:hinge"] > 1
assert answers["rank:pairwise"].shape == (1000, 2)
PYTHON
