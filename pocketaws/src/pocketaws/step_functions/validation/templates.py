"""Payload templates: what stands in Parameters, Arguments, Assign and the like."""

from typing import Any

from pocketaws.step_functions.validation import values
from pocketaws.step_functions.validation.report import DefinitionPlace

_SUFFIX = ".$"


def check(value: Any, place: DefinitionPlace, *, jsonata: bool) -> None:
    """Check a template of either language."""
    if isinstance(value, dict):
        for key, item in value.items():
            _check_member(key, item, place.at(key), jsonata=jsonata)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check(item, place.at(index), jsonata=jsonata)
    elif jsonata:
        problem = values.expression(value)
        if problem:
            place.error(problem)


def _check_member(key: str, item: Any, place: DefinitionPlace, *, jsonata: bool) -> None:
    if jsonata:
        check(item, place, jsonata=True)
    elif key.endswith(_SUFFIX):
        problem = values.path_or_intrinsic(item)
        if problem:
            place.error(f"The value for the field '{key}' {problem}")
    else:
        if isinstance(item, str) and looks_like_a_query(item):
            place.warn(
                f"The key '{key}' does not end with '.$', so the value is a text", "NO_DOLLAR"
            )
        check(item, place, jsonata=False)


def looks_like_a_query(text: str) -> bool:
    """Tell whether a text looks as if it were meant as a path or an intrinsic."""
    return (
        text.startswith(("$.", "$[", "$$.", "States.")) and values.path_or_intrinsic(text) is None
    )


def check_assign(value: Any, place: DefinitionPlace, *, jsonata: bool) -> None:
    """Check what sets variables."""
    if not isinstance(value, dict):
        place.error("Value must be an object")
        return
    for key in value:
        name = key if jsonata else key.removesuffix(_SUFFIX)
        problem = values.variable_name(name)
        if problem:
            place.at(key).error(problem)
    check(value, place, jsonata=jsonata)
