"""ResultPath: where a state's result goes in its input."""

from collections.abc import Sequence
from typing import Any

from pocketaws.step_functions.engine.documents import json_text
from pocketaws.step_functions.engine.errors import RESULT_PATH, StateError
from pocketaws.step_functions.engine.json_path import parsed
from pocketaws.step_functions.engine.path_steps import Index, Member, Step


def placed(text: str | None, value: Any, result: Any) -> Any:
    """Return an input with a result where a reference path says; the input stays as it is.

    Args:
        text: of the path; None drops the result.
        value: the state's input.
        result: of its work.

    Raises:
        StateError: `States.ResultPathMatchFailure`, where the input has no room there.
    """
    if text is None:
        return value
    try:
        return _with(value, parsed(text).steps, result)
    except TypeError as error:
        cause = f"Unable to apply ReferencePath {text} to input {json_text(value)}"
        raise StateError(RESULT_PATH, cause) from error


def _with(value: Any, steps: Sequence[Step], result: Any) -> Any:
    if not steps:
        return result
    step, rest = steps[0], steps[1:]
    if isinstance(step, Member):
        return _with_member(value, step.names[0], rest, result)
    if isinstance(step, Index):
        return _with_item(value, step.places[0], rest, result)
    raise TypeError("it is no reference path")


def _with_member(value: Any, name: str, rest: Sequence[Step], result: Any) -> Any:
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise TypeError(f"{name!r} cannot be set in {type(value).__name__}")
    return {**value, name: _with(value.get(name), rest, result)}


def _with_item(value: Any, place: int, rest: Sequence[Step], result: Any) -> Any:
    if not isinstance(value, list) or not 0 <= place < len(value):
        raise TypeError(f"there is no item {place} to set")
    return [*value[:place], _with(value[place], rest, result), *value[place + 1 :]]
