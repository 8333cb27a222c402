"""CloudFormation's requests, and what a template may hold.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pocketaws.gate.limits.words import length_problem, pattern_problem

_NAME_MAXIMUM: Final = 128
_NAME: Final = "[a-zA-Z][-a-zA-Z0-9]*"
_LOGICAL_ID: Final = re.compile(r"[A-Za-z0-9]{1,255}")
_VALUE_MAXIMUM_BYTES: Final = 4096
_DESCRIPTION_MAXIMUM_BYTES: Final = 1024
# How many of each a template may declare.
_MAXIMUMS: Final = {"Parameters": 200, "Mappings": 200, "Outputs": 200, "Resources": 500}
_INVALID: Final = "ValidationError"


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what CloudFormation refuses of a request."""
    name = request.get("StackName")
    if name is not None and not str(name).startswith("arn:"):
        yield from _name_problems(str(name))
    if operation in ("CreateStack", "UpdateStack", "CreateChangeSet"):
        yield from _source_problems(operation, request)
        yield from _parameters_problems(request.get("Parameters") or [])


def template_problems(template: Mapping[str, Any]) -> Iterator[str]:
    """Yield what CloudFormation refuses of a template, whatever it describes."""
    for section, maximum in _MAXIMUMS.items():
        declared = template.get(section) or {}
        if len(declared) > maximum:
            yield (
                f"Template format error: Number of {section.lower()}, {len(declared)}, is greater "
                f"than maximum allowed, {maximum}"
            )
        for logical_id in declared:
            if not _LOGICAL_ID.fullmatch(str(logical_id)):
                kind = section.removesuffix("s")
                yield (
                    f"Template format error: {kind} name {logical_id} is non alphanumeric, or "
                    "longer than 255 characters."
                )
    size = len(str(template.get("Description", "")).encode())
    if size > _DESCRIPTION_MAXIMUM_BYTES:
        yield (
            f"Template format error: 'Description' length is {size}, greater than "
            f"{_DESCRIPTION_MAXIMUM_BYTES}."
        )


def _name_problems(name: str) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(_NAME, name):
        yield _INVALID, pattern_problem("stackName", name, _NAME)
    elif len(name) > _NAME_MAXIMUM:
        yield _INVALID, length_problem("stackName", name, _NAME_MAXIMUM)


def _source_problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    given = [name for name in ("TemplateBody", "TemplateURL") if request.get(name)]
    if operation != "CreateStack" and request.get("UsePreviousTemplate"):
        given.append("UsePreviousTemplate")
    if not given:
        yield _INVALID, "Either Template URL or Template Body must be specified."
    elif len(given) > 1:
        yield _INVALID, f"You cannot specify more than one of {', '.join(given)}."


def _parameters_problems(parameters: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    keys = [parameter.get("ParameterKey") for parameter in parameters]
    for key in {key for key in keys if keys.count(key) > 1}:
        yield _INVALID, f"Duplicate values for Parameter Key {key}"
    for parameter in parameters:
        size = len(str(parameter.get("ParameterValue", "")).encode())
        if size > _VALUE_MAXIMUM_BYTES:
            yield (
                _INVALID,
                (
                    f"Parameter '{parameter.get('ParameterKey')}' of {size} bytes is longer than "
                    f"the maximum of {_VALUE_MAXIMUM_BYTES} bytes"
                ),
            )
