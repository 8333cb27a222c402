"""Parameter Store.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

# Characters, by tier.
_VALUE_MAXIMUMS: Final = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}
_LEVELS_MAXIMUM: Final = 15
_TAGS_MAXIMUM: Final = 50
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
