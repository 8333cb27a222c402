"""The fields of one state."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pocketaws.step_functions.validation import (
    choices,
    maps,
    reserved,
    retriers,
    state_fields,
    templates,
)
from pocketaws.step_functions.validation.report import DefinitionPlace

_TEMPLATES: Final = ("Parameters", "Arguments", "ResultSelector", "Output", "Credentials")
_WAITS: Final = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_CALLED: Final = re.compile(r"\s*States\.(\w+)")
_OF_TEXTS: Final = (
    "Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID",
)  # fmt: skip
# https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
_NOT_EXPRESS: Final = re.compile(
    r".*(\.sync(:2)?|\.waitForTaskToken)|arn:[^:]+:states:[^:]+:\d+:activity:.+"
)


def check(
    state: Mapping[str, Any], place: DefinitionPlace, *, jsonata: bool, express: bool
) -> None:
    """Check a state of a type that there is; the states inside are checked elsewhere."""
    kind = state["Type"]
    _check_known(kind, state, place, jsonata=jsonata)
    for name in state_fields.REQUIRED.get(kind, ()):
        if name not in state:
            place.error(f"The field '{name}' is required")
    for pair in state_fields.EXCLUSIVE.get(kind, ()):
        if all(name in state for name in pair):
            place.error(f"Only one of the fields {pair[0]} and {pair[1]} may be there")
    if kind not in state_fields.ENDLESS:
        _check_next(state, place)
    _check_templates(state, place, jsonata=jsonata)
    _check_own(kind, state, place, jsonata=jsonata)
    if jsonata:
        reserved.check(state, place)
    if express:
        _check_express(kind, state, place)


def _check_known(
    kind: str, state: Mapping[str, Any], place: DefinitionPlace, *, jsonata: bool
) -> None:
    known = state_fields.known(kind, jsonata=jsonata)
    for name, value in state.items():
        here = place.at(name)
        if name in known:
            problem = known[name](value)
            if problem:
                here.error(problem)
                _warn_of_path(name, value, here)
        elif state_fields.is_of_the_other(kind, name, jsonata=jsonata):
            language = "JSONata" if jsonata else "JSONPath"
            here.error(f"Field '{name}' is not supported when the query language is {language}")
        else:
            here.error(f"Field '{name}' is not supported by states of type {kind}")


def _warn_of_path(name: str, value: Any, place: DefinitionPlace) -> None:
    if isinstance(value, str) and value.startswith("$.") and not name.endswith("Path"):
        place.warn(f"The value looks like a path; the field may be meant: {name}Path", "NO_PATH")


def _check_next(state: Mapping[str, Any], place: DefinitionPlace) -> None:
    if "Next" in state and "End" in state:
        place.error("Only one of the fields Next and End may be there")
    elif "Next" not in state and state.get("End") is not True:
        place.error("One of the fields Next and End must be there")


def _check_templates(state: Mapping[str, Any], place: DefinitionPlace, *, jsonata: bool) -> None:
    for name in _TEMPLATES:
        if name in state and name in state_fields.known(state["Type"], jsonata=jsonata):
            templates.check(state[name], place.at(name), jsonata=jsonata)
    if "ResultSelector" in state and not isinstance(state["ResultSelector"], dict):
        place.at("ResultSelector").error("Value must be an object")
    if "Assign" in state and state["Type"] not in {"Succeed", "Fail"}:
        templates.check_assign(state["Assign"], place.at("Assign"), jsonata=jsonata)


def _check_own(
    kind: str, state: Mapping[str, Any], place: DefinitionPlace, *, jsonata: bool
) -> None:
    if kind in {"Task", "Parallel", "Map"}:
        if "Retry" in state:
            retriers.check_retry(state["Retry"], place.at("Retry"))
        if "Catch" in state:
            retriers.check_catch(state["Catch"], place.at("Catch"), jsonata=jsonata)
    if kind == "Choice" and "Choices" in state:
        choices.check(state["Choices"], place.at("Choices"), jsonata=jsonata)
    elif kind == "Map":
        maps.check(state, place, jsonata=jsonata)
    elif kind == "Wait" and sum(name in state for name in _WAITS) != 1:
        place.error(f"Exactly one of the fields {', '.join(_WAITS)} must be there")
    elif kind == "Task":
        _check_times(state, place)
        _check_credentials(state, place.at("Credentials"), jsonata=jsonata)
    elif kind == "Parallel" and state.get("Branches") == []:
        place.at("Branches").error("Value must be a non-empty array")
    elif kind == "Fail" and not jsonata:
        _check_intrinsics(state, place)
    elif kind == "Pass" and "Result" in state:
        _warn_of_result(state["Result"], place.at("Result"))


def _check_times(state: Mapping[str, Any], place: DefinitionPlace) -> None:
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        place.at("HeartbeatSeconds").error("HeartbeatSeconds must be smaller than TimeoutSeconds")


def _check_credentials(state: Mapping[str, Any], place: DefinitionPlace, *, jsonata: bool) -> None:
    """Check in whose name a task calls.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
    """
    given = state.get("Credentials")
    if given is None or (jsonata and isinstance(given, str)):
        return
    if not isinstance(given, dict):
        place.error("Value must be an object")
    elif not isinstance(given.get("RoleArn", given.get("RoleArn.$")), str):
        place.error("The field 'RoleArn' is required and must be a string")


def _check_intrinsics(state: Mapping[str, Any], place: DefinitionPlace) -> None:
    """Check that a Fail's paths call only functions that make texts.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html
    """
    for name in ("ErrorPath", "CausePath"):
        text = state.get(name)
        called = _CALLED.match(text) if isinstance(text, str) else None
        if called is not None and called[1] not in _OF_TEXTS:
            place.at(name).error(
                f"The intrinsic function States.{called[1]} is not supported here; "
                f"supported are {', '.join(_OF_TEXTS)}"
            )


def _warn_of_result(value: Any, place: DefinitionPlace) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _warn_of_result(item, place.at(key))
    elif isinstance(value, str) and templates.looks_like_a_query(value):
        place.warn(
            "The Result of a Pass state is static; a path is not read", "PASS_RESULT_IS_STATIC"
        )


def _check_express(kind: str, state: Mapping[str, Any], place: DefinitionPlace) -> None:
    resource = state.get("Resource")
    if kind == "Task" and isinstance(resource, str) and _NOT_EXPRESS.fullmatch(resource):
        place.at("Resource").error(
            "Express state machine does not support '.sync', '.waitForTaskToken' or activities"
        )
    if kind == "Map" and maps.is_distributed(state):
        place.error("Express state machine does not support Map states in DISTRIBUTED mode")
