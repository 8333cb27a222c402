"""The test rows with what the models predict of them, read one chunk at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from container import JobError
from contributions import SHAP_ROWS
from encoded_rows import Chunk, read_chunks
from judged_rows import ACTUAL, HALF, WEIGHTS, JudgedRows, score_columns, value_column
from judging import check_labels, summed_losses
from kept_columns import Column, KeptColumns
from models import Model, curve_rounds, predict
from numpy.typing import NDArray
from problem import CLASSES, HAS_ROW_WEIGHTS, MULTICLASS, PROBLEM
from rows import CATEGORIES, FEATURES
from sampling import SampledRows

KNOWN_ANSWERS = 20
CANDIDATE, PRODUCTION = "candidate", "production"
NUMBERS = len(CLASSES) if PROBLEM == MULTICLASS else 1


@dataclass(frozen=True)
class Scores:
    """All test rows with what the models predict; the curve holds a loss per number of rounds.

    The rows stay on disk. `first_features` are the features of the first `KNOWN_ANSWERS`, in the
    order of the others, and `first_answers` what the candidate predicts of them; `sample` are those
    of some rows, evenly spaced.
    """

    candidate: JudgedRows
    production: JudgedRows | None
    learning_curve: dict[int, float]
    first_features: NDArray[np.float32]
    first_answers: NDArray[np.float32]
    sample: NDArray[np.float32]
    not_compared: str | None = None


def score(test_dir: Path, candidate: Model, production: Model | None, room: Path) -> Scores:
    """Read and predict all test rows, chunk by chunk.

    Args:
        test_dir: holds the encoded rows.
        candidate: the model that was trained.
        production: the one that it is compared with.
        room: a folder with room for the rows, see `kept_columns.py`.

    Raises:
        JobError: A file is not as `preprocess.py` writes it, or a model cannot predict.
    """
    rounds = curve_rounds(candidate)
    losses, weight = np.zeros(len(rounds)), 0.0
    produced = Production(production)
    names = [CANDIDATE] if production is None else [CANDIDATE, PRODUCTION]
    kept = KeptColumns(room, column_types(names))
    first, answers = [np.zeros((0, len(FEATURES)), np.float32)], [no_predictions(0)]
    sample = SampledRows(len(FEATURES), SHAP_ROWS, np.float32)
    for chunk in read_chunks(test_dir):
        check_labels(chunk.actual)
        curve = predict(candidate, chunk.features, rounds)
        losses += summed_losses(chunk.actual, curve, chunk.weights)
        weight += len(chunk.actual) if chunk.weights is None else float(chunk.weights.sum())
        sample.add(chunk.features)
        missing = KNOWN_ANSWERS - sum(map(len, first))
        if missing > 0:
            # Views would keep the whole chunk.
            first.append(chunk.features[:missing].copy())
            answers.append(curve[-1][:missing].copy())
        predicted = {CANDIDATE: curve[-1]}
        if production is not None:
            predicted[PRODUCTION] = produced.predict(chunk.features)
        kept.add(columns_of(chunk, predicted))
    kept.finish()
    means = losses / (weight or 1)
    return Scores(
        candidate=judged_rows(kept, room, CANDIDATE),
        production=judged_rows(kept, room, PRODUCTION) if produced.model else None,
        learning_curve={end: float(means[index]) for index, end in enumerate(rounds)},
        first_features=np.concatenate(first),
        first_answers=np.concatenate(answers),
        sample=sample.kept,
        not_compared=produced.failure,
    )


class Production:
    """The predictions of the production model, until it cannot predict; no model predicts zeros.

    Attributes:
        model: None where there is none, or none any more.
        failure: Why it cannot predict.
    """

    def __init__(self, model: Model | None) -> None:
        """Begin without predictions."""
        self.model = model
        self.failure: str | None = None

    def predict(self, features: NDArray[np.float32]) -> Any:
        """Predict some rows."""
        if self.model is not None:
            try:
                (predicted,) = predict(self.model, features, [self.model.rounds])
            except JobError as error:
                self.model, self.failure = None, str(error)
            else:
                return predicted
        return no_predictions(len(features))


def no_predictions(rows: int) -> NDArray[np.float32]:
    """Return zeros in the place of predictions."""
    return np.zeros(rows if NUMBERS == 1 else (rows, NUMBERS), np.float32)


def judged_rows(kept: KeptColumns, room: Path, model: str, threshold: float = HALF) -> JudgedRows:
    """Return rows that are kept as the metrics of a model look at them."""
    return JudgedRows(
        kept=kept,
        folder=room,
        model=model,
        classes=len(CLASSES),
        numbers=NUMBERS,
        is_weighted=HAS_ROW_WEIGHTS,
        threshold=threshold,
    )


def column_types(models: Sequence[str]) -> dict[str, str]:
    """Return the columns that are kept of each row, with the predictions of some models."""
    types = {ACTUAL: "<f8"} | ({WEIGHTS: "<f8"} if HAS_ROW_WEIGHTS else {})
    for place, category in enumerate(CATEGORIES):
        # numpy sorts short integers many times as fast.
        types[value_column(place)] = "<i2" if len(category.groups) < 2**15 else "<i4"
    for model in models:
        types |= dict.fromkeys(score_columns(model, NUMBERS), "<f4")
        types |= {f"{model} said": "<i4", f"{model} truth": "<f4"} if NUMBERS > 1 else {}
    return types


def columns_of(chunk: Chunk, predicted: Mapping[str, NDArray[np.float32]]) -> dict[str, Column]:
    """Return what is kept of some rows, with what each model predicts of them."""
    columns: dict[str, Column] = {ACTUAL: chunk.actual}
    columns |= {} if chunk.weights is None else {WEIGHTS: chunk.weights}
    columns |= {value_column(at): values for at, values in enumerate(chunk.values.T)}
    for model, numbers in predicted.items():
        columns |= predicted_columns(model, numbers, chunk.actual)
    return columns


def predicted_columns(
    model: str, predicted: NDArray[np.float32], actual: NDArray[np.float64]
) -> dict[str, Column]:
    """Return what is kept of a model's predictions."""
    if predicted.ndim == 1:
        return {model: predicted.copy()}  # A view would keep the whole curve.
    rows = np.arange(len(predicted))
    of_classes = dict(
        zip(score_columns(model, predicted.shape[1]), predicted.T.copy(), strict=True)
    )
    return {
        **of_classes,
        f"{model} said": predicted.argmax(axis=1),
        f"{model} truth": predicted[rows, actual.astype(np.int64)],
    }
