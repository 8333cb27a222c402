"""A template's parameters: what was given over the defaults, held against what they allow."""

import re
from collections.abc import Mapping
from typing import Any, Final

from workflow.errors import WorkflowError

SSM_TYPE: Final = "AWS::SSM::Parameter::Value<"


def checked(template: Mapping[str, Any], given: Mapping[str, str], *, where: str) -> dict[str, str]:
    """Return the value of every parameter, as text.

    Raises:
        WorkflowError: an unknown or a missing one, or a value that the template does not allow.
    """
    slots: Mapping[str, Any] = template.get("Parameters", {})
    unknown = sorted(given.keys() - slots.keys())
    if unknown:
        known = ", ".join(sorted(slots)) or "none"
        raise WorkflowError(f"{where}: there is no parameter {', '.join(unknown)}; known: {known}")
    values = {}
    for name, slot in slots.items():
        if name not in given and "Default" not in slot:
            raise WorkflowError(f"{where}: parameter {name} has no default; give it a value")
        value = str(given.get(name, slot.get("Default", "")))
        problem = _problem(slot, value)
        if problem:
            raise WorkflowError(f"{where}: parameter {name} = {value!r}: {problem}")
        values[name] = value
    return values


def _problem(slot: Mapping[str, Any], value: str) -> str:
    allowed = [str(item) for item in slot.get("AllowedValues", [])]
    if allowed and value not in allowed:
        return f"must be one of {', '.join(allowed)}"
    if not re.fullmatch(slot.get("AllowedPattern", ".*"), value, re.DOTALL):
        return str(slot.get("ConstraintDescription", f"must match {slot['AllowedPattern']}"))
    return _number_problem(slot, value) if slot["Type"] == "Number" else ""


def _number_problem(slot: Mapping[str, Any], value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return "must be a number"
    least, most = slot.get("MinValue", number), slot.get("MaxValue", number)
    return "" if float(least) <= number <= float(most) else f"must be from {least} to {most}"
