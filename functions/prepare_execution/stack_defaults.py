"""The defaults that the stack was deployed with, as the function's environment holds them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from caching import cache_of_stack
from hyperparameters import defaults_of
from posed import Posed
from started import NOT_SAID, STARTED_BY

# Fields that no stack parameter sets; each can still be given per execution.
_FIXED: Final[Mapping[str, Any]] = {
    "validation_share": 0.15,
    "test_share": 0.15,
    "split_seed": 42,
    "batch_instance_type": "ml.m5.xlarge",
    "batch_instance_count": 1,
    "batch_timeout_seconds": 3600,
    "tags": {},
    STARTED_BY: NOT_SAID,
}
# Texts, since an empty one says nothing.
_GATE: Final = ("gate_metric", "gate_threshold")
_A_REGRESSION: Final = Posed()


def stack_defaults(environment: Mapping[str, str], posed: Posed = _A_REGRESSION) -> dict[str, Any]:
    """Return a default for every field of the execution input.

    Args:
        environment: EXECUTION_DEFAULTS holds a JSON object; template.yaml fills it from the
            stack's parameters, of which an empty one says nothing. TUNING is a JSON object, too;
            of any other text the check of the input says what is wrong.
        posed: the problem.
    """
    told = json.loads(environment["EXECUTION_DEFAULTS"])
    said = {name: value for name, value in told.items() if name not in _GATE or value}
    if "gate_threshold" in said:
        said["gate_threshold"] = float(said["gate_threshold"])
    if "cache" in said:
        said["cache"] = cache_of_stack(said["cache"])
    tuning = _object_or_text(environment.get("TUNING") or "{}")
    return {**_FIXED, **said, "hyperparameters": defaults_of(posed), "tuning": tuning}


def _object_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
