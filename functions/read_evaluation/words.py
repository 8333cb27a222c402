"""The numbers that decide, as lines of text for messages and for the approval page."""

from typing import Final

from evaluation import Evaluation
from judgement import REFUSE, Limits

_LABEL_WIDTH: Final = 23


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
    width = max(_LABEL_WIDTH, *(len(name) + 2 for name in lines))
    return [
        f"Numbers, on {evaluation.rows} rows that were not trained on:",
        *(f"  {name:<{width}}{value}" for name, value in lines.items()),
    ]
