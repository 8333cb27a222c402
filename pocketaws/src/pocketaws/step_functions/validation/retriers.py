"""Retry and Catch."""

from collections.abc import Mapping
from typing import Any, Final

from pocketaws.step_functions.validation import templates, values
from pocketaws.step_functions.validation.report import DefinitionPlace

_ALL: Final = "States.ALL"
_RETRIER: Final[values.Checks] = {
    "ErrorEquals": values.anything,
    "IntervalSeconds": values.whole(1),
    "MaxAttempts": values.whole(0),
    "BackoffRate": values.number(1.0),
    "MaxDelaySeconds": values.whole(1, 31_622_400),
    "JitterStrategy": values.one_of("FULL", "NONE"),
    "Comment": values.text,
}
_CATCHER: Final[values.Checks] = {
    "ErrorEquals": values.anything,
    "Next": values.text,
    "Assign": values.anything,
    "Comment": values.text,
}
_JSONPATH_CATCHER: Final[values.Checks] = {**_CATCHER, "ResultPath": values.reference_path}
_JSONATA_CATCHER: Final[values.Checks] = {**_CATCHER, "Output": values.anything}


def check_retry(value: Any, place: DefinitionPlace) -> None:
    """Check a Retry."""
    for index, retrier in _objects(value, place):
        here = place.at(index)
        check_fields(retrier, _RETRIER, here)
        _check_errors(retrier, here, last=index == len(value) - 1)
        longest, interval = retrier.get("MaxDelaySeconds"), retrier.get("IntervalSeconds", 1)
        if isinstance(longest, int) and isinstance(interval, int) and longest <= interval:
            here.at("MaxDelaySeconds").error("MaxDelaySeconds must be greater than IntervalSeconds")


def check_catch(value: Any, place: DefinitionPlace, *, jsonata: bool) -> None:
    """Check a Catch."""
    for index, catcher in _objects(value, place):
        here = place.at(index)
        check_fields(catcher, _JSONATA_CATCHER if jsonata else _JSONPATH_CATCHER, here)
        _check_errors(catcher, here, last=index == len(value) - 1)
        if "Next" not in catcher:
            here.error("The field 'Next' is required")
        if "Assign" in catcher:
            templates.check_assign(catcher["Assign"], here.at("Assign"), jsonata=jsonata)
        if "Output" in catcher and jsonata:
            templates.check(catcher["Output"], here.at("Output"), jsonata=True)


def check_fields(value: Mapping[str, Any], known: values.Checks, place: DefinitionPlace) -> None:
    """Check each field of an object that may have only known ones."""
    for name, item in value.items():
        if name not in known:
            place.at(name).error(f"Field '{name}' is not supported")
            continue
        problem = known[name](item)
        if problem:
            place.at(name).error(problem)


def _objects(value: Any, place: DefinitionPlace) -> list[tuple[int, Mapping[str, Any]]]:
    if not isinstance(value, list):
        place.error("Value must be an array")
        return []
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            place.at(index).error("Value must be an object")
    return [(index, item) for index, item in enumerate(value) if isinstance(item, dict)]


def _check_errors(handler: Mapping[str, Any], place: DefinitionPlace, *, last: bool) -> None:
    names = handler.get("ErrorEquals")
    here = place.at("ErrorEquals")
    if names is None:
        place.error("The field 'ErrorEquals' is required")
    elif not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        here.error("Value must be a non-empty array of strings")
    elif _ALL in names and len(names) > 1:
        here.error(f"{_ALL} must appear alone")
    elif _ALL in names and not last:
        here.error(f"{_ALL} can only appear in the last element")
