"""What an execution was started with: by whom, and which fields; see docs/execution-input.md."""

import re
from collections.abc import Mapping
from typing import Any, Final

STARTED_BY: Final = "started_by"
NOT_SAID: Final = "by hand"
_INPUT: Final = "input"
# pipeline.yaml's ExecutionNamePrefix, and the ID of the action's execution.
_PIPELINE: Final = re.compile(r"(pipeline)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def started_by(execution_input: Any, execution_name: str) -> str:
    """Return who started an execution, as its input or its name says."""
    said = flattened(execution_input).get(STARTED_BY)
    if isinstance(said, str):
        return said
    named = _PIPELINE.fullmatch(execution_name)
    return named[1] if named else NOT_SAID


def fields_given(execution_input: Any) -> dict[str, Any]:
    """Return the fields of the input that are settings, those inside `input` beside the others."""
    fields = flattened(execution_input)
    return {name: value for name, value in fields.items() if name != STARTED_BY}


def flattened(execution_input: Any) -> dict[str, Any]:
    """Return the fields of the input, those inside `input` beside the others."""
    if not isinstance(execution_input, Mapping):
        return {}
    inner = execution_input.get(_INPUT)
    if not isinstance(inner, Mapping):
        return dict(execution_input)
    return {name: value for name, value in execution_input.items() if name != _INPUT} | dict(inner)
