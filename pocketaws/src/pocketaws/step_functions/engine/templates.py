"""Payload templates of the JSONPath language: keys that end in `.$` are paths or intrinsics."""

from collections.abc import Mapping
from typing import Any, Final

from pocketaws.step_functions.engine import intrinsics
from pocketaws.step_functions.engine.documents import json_text
from pocketaws.step_functions.engine.errors import StateError, runtime_error
from pocketaws.step_functions.engine.json_path import NoMatch, Path, parsed
from pocketaws.step_functions.engine.scopes import ExpressionScope

SUFFIX: Final = ".$"


def roots(scope: ExpressionScope, data: Any) -> dict[str, Any]:
    """Return what paths begin at: `$` is the data, `$$` the context object, the rest variables."""
    return {**scope.variables, "$": data, "$$": scope.context}


def filled(template: Any, at: Mapping[str, Any]) -> Any:
    """Return a template with the values that its keys ask for.

    Raises:
        StateError: a path finds nothing, or an intrinsic fails.
    """
    if isinstance(template, dict):
        return dict(_member(key, value, at) for key, value in template.items())
    if isinstance(template, list):
        return [filled(item, at) for item in template]
    return template


def _member(key: str, value: Any, at: Mapping[str, Any]) -> tuple[str, Any]:
    if not key.endswith(SUFFIX):
        return key, filled(value, at)
    return key.removesuffix(SUFFIX), expression(value, at, field=key)


def expression(text: Any, at: Mapping[str, Any], *, field: str) -> Any:
    """Return what a path finds or an intrinsic makes.

    Args:
        text: of the path or intrinsic.
        at: where paths begin.
        field: where it stands, for errors.

    Raises:
        StateError: a path finds nothing, or an intrinsic fails.
    """
    try:
        if intrinsics.is_call(text):
            return intrinsics.read(text).result(lambda path: _find(path, at, field))
        return _find(parsed(text), at, field)
    except (ValueError, AttributeError, TypeError) as error:
        raise runtime_error(f"The value for the field '{field}' must be valid: {error}") from error


def _find(path: Path, at: Mapping[str, Any], field: str) -> Any:
    try:
        return path.find(_root(path, at))
    except NoMatch as error:
        data = json_text(at["$$" if path.root == "$$" else "$"])
        raise _missing(path.text, field, data) from error


def _root(path: Path, at: Mapping[str, Any]) -> Any:
    if path.root not in at:
        raise NoMatch(path.root)
    return at[path.root]


def _missing(text: str, field: str, data: str) -> StateError:
    return runtime_error(
        f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input "
        f"'{data}'"
    )


def selected(text: Any, at: Mapping[str, Any]) -> Any:
    """Return what InputPath or OutputPath finds; null is an empty object.

    Raises:
        StateError: it finds nothing.
    """
    if text is None:
        return {}
    if text == "$":
        return at["$"]
    if intrinsics.is_call(text):
        return expression(text, at, field="InputPath")
    try:
        path = parsed(text)
        return path.find(_root(path, at))
    except (NoMatch, ValueError) as error:
        raise runtime_error(f"Invalid path '{text}' : {error}") from error
