"""Which fields each kind of state has, in either query language.

https://states-language.net/spec.html#state-type-table
"""

from collections.abc import Mapping
from typing import Final

from pocketaws.step_functions.validation import values

_text, _any, _path = values.text, values.anything, values.path
_either = values.or_expression
_COMMON: Final[values.Checks] = {
    "Type": _any,
    "Comment": _text,
    "QueryLanguage": values.one_of("JSONPath", "JSONata"),
}
_FOLLOWED: Final[values.Checks] = {"Next": _text, "End": values.boolean, "Assign": _any}
_GUARDED: Final[values.Checks] = {"Retry": _any, "Catch": _any}
_IN_OUT: Final[values.Checks] = {
    "InputPath": values.path_or_null,
    "OutputPath": values.path_or_null,
}
_RESULT: Final[values.Checks] = {"ResultPath": values.reference_path}
_SELECTED: Final[values.Checks] = {**_RESULT, "ResultSelector": _any, "Parameters": _any}
_SECONDS: Final = values.whole(1)
_COUNT: Final = values.whole(0)
_PERCENTAGE: Final = values.number(0, 100)
_MAP: Final[values.Checks] = {
    "ItemProcessor": _any,
    "Iterator": _any,
    "ItemSelector": _any,
    "ItemReader": _any,
    "ItemBatcher": _any,
    "ResultWriter": _any,
    "Label": _text,
}

_OF_BOTH: Final[Mapping[str, values.Checks]] = {
    "Task": {**_FOLLOWED, **_GUARDED, "Resource": _any, "Credentials": _any},
    "Pass": {**_FOLLOWED},
    "Wait": {**_FOLLOWED},
    "Choice": {"Choices": _any, "Default": _text, "Assign": _any},
    "Succeed": {},
    "Fail": {},
    "Parallel": {**_FOLLOWED, **_GUARDED, "Branches": _any},
    "Map": {**_FOLLOWED, **_GUARDED, **_MAP},
}
_OF_JSONPATH: Final[Mapping[str, values.Checks]] = {
    "Task": {
        **_IN_OUT,
        **_SELECTED,
        "TimeoutSeconds": _SECONDS,
        "TimeoutSecondsPath": _path,
        "HeartbeatSeconds": _SECONDS,
        "HeartbeatSecondsPath": _path,
    },
    "Pass": {**_IN_OUT, **_RESULT, "Result": _any, "Parameters": _any},
    "Wait": {
        **_IN_OUT,
        "Seconds": _COUNT,
        "SecondsPath": _path,
        "Timestamp": values.timestamp,
        "TimestampPath": _path,
    },
    "Choice": _IN_OUT,
    "Succeed": _IN_OUT,
    "Fail": {
        "Error": _text,
        "Cause": _text,
        "ErrorPath": values.path_or_intrinsic,
        "CausePath": values.path_or_intrinsic,
    },
    "Parallel": {**_IN_OUT, **_SELECTED},
    "Map": {
        **_IN_OUT,
        **_SELECTED,
        "ItemsPath": values.path_or_intrinsic,
        "MaxConcurrency": _COUNT,
        "MaxConcurrencyPath": _path,
        "ToleratedFailureCount": _COUNT,
        "ToleratedFailureCountPath": _path,
        "ToleratedFailurePercentage": _PERCENTAGE,
        "ToleratedFailurePercentagePath": _path,
    },
}
_OF_JSONATA: Final[Mapping[str, values.Checks]] = {
    "Task": {
        "Arguments": _any,
        "Output": _any,
        "TimeoutSeconds": _either(_SECONDS),
        "HeartbeatSeconds": _either(_SECONDS),
    },
    "Pass": {"Output": _any},
    "Wait": {"Output": _any, "Seconds": _either(_COUNT), "Timestamp": _either(values.timestamp)},
    "Choice": {"Output": _any},
    "Succeed": {"Output": _any},
    "Fail": {"Error": _either(_text), "Cause": _either(_text)},
    "Parallel": {"Arguments": _any, "Output": _any},
    "Map": {
        "Items": _any,
        "Output": _any,
        "MaxConcurrency": _either(_COUNT),
        "ToleratedFailureCount": _either(_COUNT),
        "ToleratedFailurePercentage": _either(_PERCENTAGE),
    },
}
TYPES: Final = tuple(_OF_BOTH)
# Fields of which a state has one at most: each with the other.
EXCLUSIVE: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Task": (
        ("TimeoutSeconds", "TimeoutSecondsPath"),
        ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ),
    "Fail": (("Error", "ErrorPath"), ("Cause", "CausePath")),
    "Map": (
        ("ItemProcessor", "Iterator"),
        ("ItemSelector", "Parameters"),
        ("MaxConcurrency", "MaxConcurrencyPath"),
        ("ToleratedFailureCount", "ToleratedFailureCountPath"),
        ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ),
}
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "Task": ("Resource",),
    "Choice": ("Choices",),
    "Parallel": ("Branches",),
}
ENDLESS: Final = ("Choice", "Succeed", "Fail")


def known(kind: str, *, jsonata: bool) -> values.Checks:
    """Return the fields that a kind of state has, each with the check of its value."""
    own = _OF_JSONATA[kind] if jsonata else _OF_JSONPATH[kind]
    return {**_COMMON, **_OF_BOTH[kind], **own}


def is_of_the_other(kind: str, name: str, *, jsonata: bool) -> bool:
    """Tell whether a kind of state has a field in the other language only."""
    return name in known(kind, jsonata=not jsonata) and name not in known(kind, jsonata=jsonata)
