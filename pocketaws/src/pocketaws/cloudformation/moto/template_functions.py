"""Functions of templates that moto does not have: a lookup's default, and the length of a list.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-length.html
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import ResourceMap

from pocketaws.cloudformation.language_extensions import LOOKUP

_LENGTH: Final = "Fn::Length"
_JSON: Final = "Fn::ToJsonString"


def _found(argument: Any, resources: ResourceMap) -> Any:
    *keys, otherwise = argument
    found: Any = resources._parsed_resources
    for key in keys:
        name = parsing.clean_json(key, resources)
        if not isinstance(found, dict) or name not in found:
            return parsing.clean_json(otherwise["DefaultValue"], resources)
        found = found[name]
    return found


def _length(argument: Any, resources: ResourceMap) -> int:
    items = parsing.clean_json(argument, resources)
    if isinstance(items, str) and isinstance(argument, dict):
        # A list parameter comes as its text.
        items = items.split(",")
    if not isinstance(items, list):
        raise ValidationError(message="Template error: Fn::Length takes a list")
    return len(items)


def _json(argument: Any, resources: ResourceMap) -> str:
    return json.dumps(parsing.clean_json(argument, resources), separators=(",", ":"))


FUNCTIONS: Final[Mapping[str, Callable[[Any, ResourceMap], Any]]] = {
    LOOKUP: _found,
    _LENGTH: _length,
    _JSON: _json,
}
