"""What an evaluation leaves, made of the scores: metrics, what a report draws, known answers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import table
from class_figures import THRESHOLD_RULE, calibration
from columns import LABEL
from contributions import mean_contributions
from judged_rows import JudgedRows
from judging import CURVE_METRIC, METRICS_KEY, judge
from metrics import residual_histogram
from models import Model, feature_importance
from problem import BINARY, CLASSES, HAS_ROW_WEIGHTS, PROBLEM, REGRESSION
from rows import FEATURES, LABEL_COLUMNS
from scoring import Scores
from table import CLASS_WEIGHTS

MOST_IMPORTANT = 1000


def evaluate(scores: Scores, quality: dict[str, Any]) -> dict[str, Any]:
    """Return the content of evaluation.json, with the numbers of the candidate."""
    return {
        **quality,
        **kind_of(scores),
        **({"weighted_by": LABEL_COLUMNS[1]} if HAS_ROW_WEIGHTS else {}),
        # Told, since no metric is weighted by them.
        **({"class_weights": {**CLASS_WEIGHTS}} if CLASS_WEIGHTS else {}),
        "production": None if scores.production is None else judge(scores.production),
        "not_compared": scores.not_compared,
    }


def kind_of(scores: Scores) -> dict[str, Any]:
    """Return what is told of a classification: its classes, and from where on one is predicted."""
    if PROBLEM == REGRESSION:
        return {}
    threshold = {"threshold": {"value": scores.candidate.threshold, "rule": THRESHOLD_RULE}}
    return {"problem": PROBLEM, "classes": [*CLASSES]} | (threshold if PROBLEM == BINARY else {})


def draw_report(scores: Scores, candidate: Model, sample_size: int) -> dict[str, Any]:
    """Return the content of report.json; all of it is about the candidate.

    A residual is actual - predicted. The importance of a feature is its mean gain, and its
    contribution the mean |SHAP| of some test rows, null where XGBoost gives none; of many features
    the most important are told.
    """
    shap = mean_contributions(candidate, scores.sample, FEATURES)
    if shap is not None:
        shap = {**shap, "mean_absolute": largest(shap["mean_absolute"])}
    curve = scores.learning_curve.items()
    return {
        "label": LABEL,
        **(errors(scores, sample_size) if PROBLEM == REGRESSION else kind_of(scores)),
        **({"calibration": calibration(scores.candidate.parts)} if PROBLEM == BINARY else {}),
        "feature_importance": largest(feature_importance(candidate, FEATURES)),
        "shap": shap,
        "learning_curve": [{"rounds": n, CURVE_METRIC: loss} for n, loss in curve],
    }


def errors(scores: Scores, sample_size: int) -> dict[str, Any]:
    """Return what is drawn of a regression's errors."""
    return {
        "predicted_against_actual": sample_pairs(scores.candidate, sample_size),
        "residual_histogram": residual_histogram(scores.candidate.parts),
    }


def sample_pairs(rows: JudgedRows, size: int) -> list[dict[str, float]]:
    """Return at most `size` rows, evenly spaced, so that the same rows give the same sample."""
    size = min(size, rows.kept.rows)
    places = np.arange(size) * rows.kept.rows // max(size, 1)
    pairs: list[tuple[float, float]] = []
    first = 0
    for _, part in rows.parts():
        end = first + len(part.actual)
        here = places[(places >= first) & (places < end)] - first
        pairs += zip(part.actual[here].tolist(), part.predicted[here].tolist(), strict=True)
        first = end
    return [{"actual": actual, "predicted": predicted} for actual, predicted in pairs]


def largest(gains: dict[str, float], most: int = MOST_IMPORTANT) -> dict[str, float]:
    """Return the largest of some gains, in their own order."""
    kept = set(sorted(gains, key=lambda name: -gains[name])[:most])
    return {name: gain for name, gain in gains.items() if name in kept}


def known_answers(scores: Scores) -> dict[str, Any]:
    """Return the content of known-answers.json: the first rows, as the model got them."""
    answers = zip(scores.first_features.tolist(), scores.first_answers.tolist(), strict=True)
    return {
        "columns": [*FEATURES],
        "encoding": table.document(),
        **kind_of(scores),
        "rows": [
            {"features": [*map(or_null, features)], "predicted": predicted}
            for features, predicted in answers
        ],
    }


def or_null(value: float) -> float | None:
    """Return a number; None, as JSON has no NaN, for a missing one."""
    return None if math.isnan(value) else value


def summarize(evaluation: dict[str, Any]) -> str:
    """Return the metrics on one line."""
    models = {"candidate": evaluation, "production": evaluation["production"]}
    items = []
    for name, judged in models.items():
        metrics = judged[METRICS_KEY].items() if judged else ()
        values = ", ".join(f"{key} {m['value']:.4g}" for key, m in metrics if "value" in m)
        items.append(f"{name} {values or evaluation['not_compared'] or 'none'}")
    return f"{evaluation['rows']} test rows: {'; '.join(items)}"
