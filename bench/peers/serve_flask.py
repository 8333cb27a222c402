"""The container's arrangement: a Flask application that gunicorn runs in a worker a core.

What a request does is what it does in the container: sniff the delimiter, make an array of text,
then of numbers, then a DMatrix, and predict with one thread. The nginx before gunicorn is left out,
which is in the peer's favour.

Usage: MODEL_PATH=... gunicorn --chdir bench/peers -k gevent -w 2 -b 127.0.0.1:PORT serve_flask:app
"""

from __future__ import annotations

import csv
import os

import flask
import numpy as np
import xgboost as xgb

app = flask.Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 6 * 1024**2
booster = xgb.Booster(model_file=os.environ["MODEL_PATH"])
booster.set_param("nthread", 1)


@app.get("/ping")
def ping() -> flask.Response:
    """Tell that the worker is up."""
    return flask.Response(status=200)


@app.post("/invocations")
def invocations() -> flask.Response:
    """Predict rows of CSV."""
    lines = flask.request.data.strip().decode().split("\n")
    delimiter = csv.Sniffer().sniff(lines[0][:512]).delimiter
    cells = [[cell or "nan" for cell in line.split(delimiter)] for line in lines]
    matrix = xgb.DMatrix(np.array(cells).astype(float))
    predictions = booster.predict(matrix, validate_features=False)
    text = "".join(f"{prediction}\n" for prediction in predictions.tolist())
    return flask.Response(text, mimetype="text/csv")
