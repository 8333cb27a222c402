"""What tuning found, in a line: the settings that were trained with, and by which metric."""

from collections.abc import Mapping
from typing import Any


def tuned_lines(state: Mapping[str, Any]) -> list[str]:
    """Return the line of an execution that tuned, and none of one that did not, or not yet.

    Args:
        state: the execution's; of `tuning.best` what workflow/definition/render.py keeps is read.
    """
    tuning = state.get("tuning")
    best = tuning.get("best") if isinstance(tuning, Mapping) else None
    found = best.get("hyperparameters") if isinstance(best, Mapping) else None
    if not isinstance(best, Mapping) or not isinstance(found, Mapping) or not found:
        return []
    settings = ", ".join(f"{name} {value}" for name, value in sorted(found.items()))
    by = f"the best by {best.get('metric')} ({best.get('value')}) of {best.get('job_name')}"
    return [f"Tuned: {settings}; {by}"]
