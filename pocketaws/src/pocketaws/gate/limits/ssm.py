"""Parameter Store.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import regex

# Characters, by tier.
_VALUE_MAXIMUMS: Final = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}
_LEVELS_MAXIMUM: Final = 15
_TAGS_MAXIMUM: Final = 50
# Whose tokens are numbers here.
_PAGED: Final = ("DescribeParameters", "GetParameterHistory", "GetParametersByPath")
_NAME: Final = re.compile(r"[a-zA-Z0-9_.\-/]+")
_ADVANCED: Final = (
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
    "parameter-store-advanced-parameters.html"
)


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what Parameter Store refuses."""
    if operation == "PutParameter":
        yield from _name_problems(request.get("Name", "/"))
        yield from _value_problems(request)
        tags = len(request.get("Tags") or [])
        if tags > _TAGS_MAXIMUM:
            yield "TooManyTagsError", f"{tags} tags; a parameter has at most {_TAGS_MAXIMUM}"
    elif operation == "GetParametersByPath":
        path = str(request.get("Path", "/"))
        if not path.startswith("/"):
            yield (
                "ValidationException",
                (
                    "The parameter doesn't meet the parameter name requirements. The parameter "
                    f'name must begin with a forward slash "/", got {path!r}'
                ),
            )
    if operation in _PAGED and not _is_token(request.get("NextToken")):
        yield "InvalidNextToken", "The specified token isn't valid."


def _is_token(token: Any) -> bool:
    return token is None or str(token).isdecimal()


def _name_problems(name: str) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(name):
        yield (
            "ValidationException",
            (
                f"Parameter name {name!r} must be a fully qualified name: "
                "sub-paths divided by slashes, each of letters, numbers and the symbols .-_"
            ),
        )
    elif "/" in name and not name.startswith("/"):
        yield "ValidationException", f"Parameter name {name!r} must be a fully qualified name."
    levels = name.count("/")
    if levels > _LEVELS_MAXIMUM:
        yield (
            "HierarchyLevelLimitExceededException",
            f"A hierarchy can have a maximum of {_LEVELS_MAXIMUM} levels, got {levels}",
        )


def _value_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    value = request.get("Value", " ")
    if not value:
        yield (
            "ValidationException",
            (
                "1 validation error detected: Value '' at 'value' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1"
            ),
        )
    if "{{" in value:
        yield (
            "ValidationException",
            'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
        )
    yield from _pattern_problems(request.get("AllowedPattern"), value)
    tier = request.get("Tier", "Standard")
    maximum = _VALUE_MAXIMUMS[tier]
    if len(value) > maximum:
        more = (
            " To create a larger parameter value, upgrade the parameter to use the "
            f"advanced-parameter tier. For more information, see {_ADVANCED}"
        )
        yield (
            "ValidationException",
            (
                f"{tier} tier parameters support a maximum parameter value of {maximum} characters."
                f"{more if tier == 'Standard' else ''}"
            ),
        )


def _pattern_problems(pattern: str | None, value: str) -> Iterator[tuple[str, str]]:
    if not pattern:
        return
    try:
        allowed = regex.compile(pattern).search(value)
    except regex.error as error:
        yield "InvalidAllowedPatternException", f"AllowedPattern {pattern!r}: {error}"
        return
    if not allowed:
        yield (
            "ParameterPatternMismatchException",
            f"Parameter value, cannot be validated against allowedPattern: {pattern}",
        )
