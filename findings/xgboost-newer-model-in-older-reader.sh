#!/usr/bin/env bash
# XGBoost 3.0 reads a model of XGBoost 3.2 without an error or a warning, and every prediction is wrong by one constant.
#
# Versions:  xgboost-cpu 3.2.0 trains and saves, xgboost-cpu 3.0.5 loads (numpy 2.4.6, scipy 1.17.1).
# Behaviour: since 3.1 a model file writes base_score as a vector of text, "[9.7E0]". 3.0.5 does not parse that, says
#            nothing, and starts from the default of 0.5: all predictions are too low by base_score - 0.5, in JSON and in
#            UBJSON. The other way round (3.0.5 saves, 3.2.0 loads) is exact.
# Seen:      saved by 3.2.0, loaded by 3.0.5: json off by 9.1359, ubj off by 9.1359 (both by base_score - 0.5)
#            saved by 3.0.5, loaded by 3.2.0: json off by 0.0, ubj off by 0.0
# Why:       the built-in XGBoost container of SageMaker exists as 3.0-5 and as 3.2-0. Training on the newer image and
#            serving (or judging) on the older one answers wrong numbers. Move the readers first,
#            and compare a few predictions across the two images before a release.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for version in 3.0.5 3.2.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet "xgboost-cpu==$version" numpy==2.4.6 scipy==1.17.1
done

cat > "$folder/model.py" <<'PYTHON'
import sys

import numpy
import xgboost

verb, path = sys.argv[1:]
generator = numpy.random.default_rng(0)
features = generator.random((400, 4)).astype("float32")
labels = features @ numpy.array([3, 1, 4, 1], "float32") + 5
rows = xgboost.DMatrix(features, labels)
if verb == "save":
    model = xgboost.train({"max_depth": 3}, rows, 5)
    model.save_model(path)
    numpy.save(path + ".npy", model.predict(rows))
else:
    model = xgboost.Booster(model_file=path)
    off = numpy.load(path + ".npy") - model.predict(rows)
    assert numpy.ptp(off) < 1e-5, "not one constant"
    print(f"{abs(off).max():.4f} {labels.mean() - 0.5:.4f}")
PYTHON

for form in json ubj; do
  "$folder/3.2.0/bin/python" "$folder/model.py" save "$folder/new.$form"
  "$folder/3.0.5/bin/python" "$folder/model.py" save "$folder/old.$form"
  read -r off constant <<< "$("$folder/3.0.5/bin/python" "$folder/model.py" load "$folder/new.$form" 2> "$folder/words")"
  echo "saved by 3.2.0, loaded by 3.0.5, $form: off by $off, base_score - 0.5 is $constant"
  [ "$off" = "$constant" ] || { echo "changed: the reader no longer falls back to 0.5"; exit 1; }
  [ ! -s "$folder/words" ] || { cat "$folder/words"; echo "changed: the reader says something"; exit 1; }
  read -r off constant <<< "$("$folder/3.2.0/bin/python" "$folder/model.py" load "$folder/old.$form")"
  echo "saved by 3.0.5, loaded by 3.2.0, $form: off by $off"
  [ "$off" = 0.0000 ] || { echo "changed: the newer reader is not exact"; exit 1; }
done
