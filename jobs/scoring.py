"""The test rows with what the models predict of them, read one chunk at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from container import JobError
from contributions import SHAP_ROWS
from encoded_rows import read_chunks
from judging import HALF, check_labels, summed_losses
from metrics import Floats
from models import Model, curve_rounds, predict
from numpy.typing import NDArray
from rows import CATEGORIES, FEATURES
from sampling import SampledRows

KNOWN_ANSWERS = 20


@dataclass(frozen=True)
class Scores:
    """All test rows with what the models predict; the curve holds a loss per number of rounds.

    `values` and `weights` are those of `encoded_rows.Chunk`; `first_features` are the features of
    the first `KNOWN_ANSWERS`, in the order of the others; `sample` those of some rows, evenly
    spaced.
    """

    actual: Floats
    values: NDArray[np.int32]
    weights: Floats | None
    candidate: Floats
    production: Floats | None
    learning_curve: dict[int, float]
    first_features: NDArray[np.float32]
    sample: NDArray[np.float32]
    not_compared: str | None = None
    threshold: float = HALF
    production_threshold: float = HALF


def score(test_dir: Path, candidate: Model, production: Model | None) -> Scores:
    """Read and predict all test rows, chunk by chunk.

    Raises:
        JobError: A file is not as `preprocess.py` writes it, or a model cannot predict.
    """
    rounds = curve_rounds(candidate)
    losses = np.zeros(len(rounds))
    actual, predicted, produced = [np.zeros(0)], [], Production(production)
    weights: list[Floats] = []
    values = [np.zeros((0, len(CATEGORIES)), np.int32)]
    first, missing = [np.zeros((0, len(FEATURES)), np.float32)], KNOWN_ANSWERS
    sample = SampledRows(len(FEATURES), SHAP_ROWS, np.float32)
    for chunk in read_chunks(test_dir):
        check_labels(chunk.actual)
        curve = predict(candidate, chunk.features, rounds)
        losses += summed_losses(chunk.actual, curve, chunk.weights)
        actual.append(chunk.actual)
        values.append(chunk.values)
        weights += [] if chunk.weights is None else [chunk.weights]
        sample.add(chunk.features)
        first.append(chunk.features[:missing])
        missing -= len(first[-1])
        predicted.append(curve[-1].copy())  # A view would keep the whole curve.
        produced.predict(chunk.features)
    whole = sum(map(np.sum, weights)) if weights else sum(map(len, actual))
    means = losses / (whole or 1)
    return Scores(
        actual=np.concatenate(actual),
        values=np.concatenate(values),
        weights=np.concatenate(weights) if weights else None,
        candidate=join(predicted),
        production=join(produced.predicted) if produced.model else None,
        learning_curve={end: float(means[index]) for index, end in enumerate(rounds)},
        first_features=np.concatenate(first),
        sample=sample.kept,
        not_compared=produced.failure,
    )


class Production:
    """The predictions of the production model, until it cannot predict; no model predicts nothing.

    Attributes:
        model: None where there is none, or none any more.
        failure: Why it cannot predict.
    """

    def __init__(self, model: Model | None) -> None:
        """Begin without predictions."""
        self.model = model
        self.predicted: list[NDArray[np.float32]] = []
        self.failure: str | None = None

    def predict(self, features: NDArray[np.float32]) -> None:
        """Predict some rows."""
        if self.model is None:
            return
        try:
            self.predicted += list(predict(self.model, features, [self.model.rounds]))
        except JobError as error:
            self.model, self.failure = None, str(error)


def join(predictions: list[NDArray[np.float32]]) -> Floats:
    """Join the predictions of the chunks in double precision, which the metrics need."""
    if not predictions:
        return np.zeros(0)
    return np.concatenate(predictions).astype(np.float64)
