"""Who started an execution, as its input says, and the fields that are given inside `input`.

Step Functions does not keep who called it. What starts executions by itself says so in their
input; EventBridge can put one JSON document into another and not into the middle of one, so what
a stack's parameter gives stands in a field of its own. CodePipeline's action, whose input is no
longer than the pipeline's variable, says it in the execution's name.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from fields import FieldError

STARTED_BY: Final = "started_by"
INPUT: Final = "input"
NOT_SAID: Final = "by hand"
# The prefix is pipeline.yaml's ExecutionNamePrefix; the rest is the ID of the action's execution:
# https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StepFunctions.html
_PIPELINE: Final = re.compile(r"(pipeline)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What the model registry takes as metadata, too.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}", re.ASCII)


def flattened(execution_input: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """Return the fields of an execution's input, those inside `input` beside the others.

    Args:
        execution_input: as it was given.
        problems: gets a line for `input` that is no object, and for each field that stands twice.
    """
    outer = {name: value for name, value in execution_input.items() if name != INPUT}
    inner = execution_input.get(INPUT, {})
    if not isinstance(inner, dict):
        problems.append(f'{INPUT}: must be an object of fields, such as {{"split_seed": 7}}')
        return outer
    problems += [
        f"{name}: stands beside {INPUT} and in it; leave one of them out"
        for name in outer.keys() & inner.keys()
    ]
    return {**outer, **inner}


def starter_of(said: str, execution_name: str) -> str:
    """Return who started an execution, of its input and its name."""
    named = _PIPELINE.fullmatch(execution_name)
    return named[1] if named and said == NOT_SAID else said


def starter(value: Any) -> str:
    """Return the name of who started an execution; a checker as those in fields.py."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise FieldError(
            "must be a text such as 'nightly job': 1 to 64 letters, digits, spaces and . _ : / -, "
            "the first one a letter or a digit"
        )
    return value
