"""The defaults that the stack was deployed with, as the function's environment holds them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from hyperparameters import DEFAULTS as DEFAULT_HYPERPARAMETERS

# Fields that no stack parameter sets; each can still be given per execution.
_FIXED: Final[Mapping[str, Any]] = {
    "validation_share": 0.15,
    "test_share": 0.15,
    "split_seed": 42,
    "hyperparameters": DEFAULT_HYPERPARAMETERS,
    "tags": {},
}


def stack_defaults(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return a default for every field of the execution input.

    Args:
        environment: EXECUTION_DEFAULTS holds a JSON object; template.yaml fills it from the
            stack's parameters.
    """
    return {**_FIXED, **json.loads(environment["EXECUTION_DEFAULTS"])}
