"""A stack's exports: as long as another stack imports one, it can neither go nor change.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from collections.abc import Iterator
from typing import Any, Final

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import OutputMap
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

from pocketaws.change import Change
from pocketaws.cloudformation.template_rules import present

_IMPORT: Final = "Fn::ImportValue"


def changes() -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    return [Change(CloudFormationResponse, "list_imports", _list, adds=True)]


def held_back(backend: CloudFormationBackend, stack: Stack, after: OutputMap | None) -> str:
    """Return why a stack's exports cannot become others, in CloudFormation's words; "" if they can.

    Args:
        backend: holds the stacks that may import them.
        stack: as it is.
        after: its outputs then; None where it is deleted.
    """
    values = {} if after is None else {export.name: export.value for export in after.exports}
    for export in stack.exports:
        if values.get(export.name) == export.value:
            continue
        users = [one.name for one in _importers(backend, export.name) if one is not stack]
        if users:
            done = "updated" if export.name in values else "deleted"
            named = " and ".join(users)
            return f"Export {export.name} cannot be {done} as it is in use by {named}"
    return ""


def replace(backend: CloudFormationBackend, stack: Stack, after: OutputMap) -> None:
    """Have other stacks find what a stack exports now; call it before the stack has its outputs."""
    for export in stack.exports:
        backend.exports.pop(export.name, None)
    backend.exports.update({export.name: export for export in after.exports})


def taken(backend: CloudFormationBackend, stack: Stack, after: OutputMap) -> str:
    """Return why a stack cannot export what it shall; "" if it can."""
    for export in after.exports:
        other = backend.exports.get(export.name)
        if other is not None and other.exporting_stack_id != stack.stack_id:
            name = other.exporting_stack_id.rpartition(":")[2].split("/")[1]
            return f"Export with name {export.name} is already exported by stack {name}"
    return ""


def _importers(backend: CloudFormationBackend, name: str) -> Iterator[Stack]:
    for stack in list(backend.stacks.values()):
        if name in _imported(stack):
            yield stack


def _imported(stack: Stack) -> set[str]:
    """Return the names of the exports that a stack imports."""
    # That of a stack which was taken back is empty.
    resources = stack.resource_map
    template, holds = resources._template, resources.lazy_condition_map.__getitem__
    asked = [
        argument
        for section in ("Resources", "Outputs")
        for argument in _asked(list(present(template.get(section) or {}, holds).values()))
    ]
    return {str(parsing.clean_json(argument, resources)) for argument in asked}


def _asked(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _asked(item)
    if isinstance(value, dict):
        if _IMPORT in value:
            yield value[_IMPORT]
        yield from _asked(list(value.values()))


def _list(self: CloudFormationResponse) -> ActionResult:
    backend, name = self.cloudformation_backend, self._get_param("ExportName")
    users = [stack.name for stack in _importers(backend, name)]
    if not users:
        raise ValidationError(message=f"Export '{name}' is not imported by any stack.")
    return ActionResult({"Imports": users})
