"""The numbers that decide, as lines of text for messages and for the approval page."""

from typing import Final

from evaluation import Evaluation
from judgement import REFUSE, Limits

_LABEL_WIDTH: Final = 23
_CLASSES: Final = 5
_NAME_CHARACTERS: Final = 40


def numbers(evaluation: Evaluation, *, limits: Limits) -> list[str]:
    """Return the candidate's numbers against production's and the limits, a line each."""
    metric = evaluation.metric
    compared = evaluation.production_value
    production = "none" if compared is None else f"{compared:.6g}"
    if evaluation.not_compared is not None:
        production = "not compared"
    allowed = limits.allowed(evaluation)
    is_refused = evaluation.not_compared is not None and limits.if_not_comparable == REFUSE
    others = ", ".join(
        f"{name} {value:.4g}" for name, value in evaluation.metrics.items() if name != metric
    )
    lines = {
        f"{metric} of the candidate": f"{evaluation.value:.6g}",
        f"{metric} of production": production,
        f"{metric} allowed by that": "none" if is_refused else f"{allowed:.6g}",
        limits.name: f"{limits.threshold:.6g}",
        "of the candidate also": others,
    }
    if evaluation.threshold is not None:
        lines["positive from"] = f"a probability of {evaluation.threshold:.4g}"
    if evaluation.class_weights:
        lines["weights of classes"] = _class_weights(evaluation)
    weighted = f", weighted by {evaluation.weighted_by}" if evaluation.weighted_by else ""
    width = max(_LABEL_WIDTH, *(len(name) + 2 for name in lines))
    return [
        f"Numbers, on {evaluation.rows} rows that were not trained on{weighted}:",
        *(f"  {name:<{width}}{value}" for name, value in lines.items()),
    ]


def _class_weights(evaluation: Evaluation) -> str:
    """Say what classes weigh, the first of them, and that no number above is weighted by it."""
    weights = [
        f"{name[:_NAME_CHARACTERS]} {weight:.6g}"
        for name, weight in evaluation.class_weights.items()
    ]
    more = [f"{len(weights) - _CLASSES} more"] if len(weights) > _CLASSES else []
    return f"{', '.join(weights[:_CLASSES] + more)}; in training alone"
