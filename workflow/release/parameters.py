"""A template's parameters: what was given over the defaults, held against what they allow."""

from collections.abc import Mapping
from typing import Any

from pocketaws import parameter_problem
from workflow.errors import WorkflowError


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
        wrong = parameter_problem(name, slot, value)
        if wrong:
            raise WorkflowError(f"{where}: {wrong}")
        values[name] = value
    return values
