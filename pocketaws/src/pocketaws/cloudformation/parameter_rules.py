"""What a template allows its parameters to be, in the words in which CloudFormation refuses.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final

_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def parameter_problem(name: str, slot: Mapping[str, Any], value: str) -> str:
    """Return what is wrong with a parameter's value, and the value; empty where it is allowed.

    Of a parameter of Parameter Store, the value is the name there, as in CloudFormation.

    Args:
        name: the parameter's.
        slot: what the template's Parameters say of it.
        value: as it was given.
    """
    wrong = _unlisted(slot, value) or _length_problem(slot, value) or _number_problem(slot, value)
    if not wrong:
        return ""
    given = "" if slot.get("NoEcho") else f", got {value!r}"
    if "ConstraintDescription" in slot:
        described = slot["ConstraintDescription"]
        return f"Parameter {name} failed to satisfy constraint: {described}{given}"
    return f"Parameter '{name}' {wrong}{given}"


def _unlisted(slot: Mapping[str, Any], value: str) -> str:
    allowed = [str(item) for item in slot.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return f"must be one of AllowedValues: {', '.join(allowed)}"
    pattern = slot.get("AllowedPattern", ".*")
    # Java's \w, \d and \s are of ASCII.
    return (
        ""
        if re.fullmatch(pattern, value, re.DOTALL | re.ASCII)
        else f"must match pattern {pattern}"
    )


def _length_problem(slot: Mapping[str, Any], value: str) -> str:
    if len(value) < int(slot.get("MinLength", 0)):
        return f"must contain at least {slot['MinLength']} characters"
    if len(value) > int(slot.get("MaxLength", len(value))):
        return f"must contain at most {slot['MaxLength']} characters"
    return ""


def _number_problem(slot: Mapping[str, Any], value: str) -> str:
    if slot.get("Type") != "Number":
        return ""
    if not _NUMBER.fullmatch(value):
        return "must be a number"
    number = float(value)
    if number < float(slot.get("MinValue", number)):
        return f"must be a number not less than {slot['MinValue']}"
    if number > float(slot.get("MaxValue", number)):
        return f"must be a number not greater than {slot['MaxValue']}"
    return ""
