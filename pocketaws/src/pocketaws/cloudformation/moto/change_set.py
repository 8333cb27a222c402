"""One change set: what CreateChangeSet was given, and what DescribeChangeSet tells of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.models import Stack
from moto.cloudformation.parsing import ResourceMap
from moto.core.utils import utcnow

from pocketaws.cloudformation.moto.stack_parameters import is_read, parameter_text
from pocketaws.cloudformation.moto.submitted_templates import Prepared
from pocketaws.cloudformation.template_changes import ResourceChange


class ChangeSetNotFoundError(CloudFormationError):  # type: ignore[misc]
    """There is no change set of that name, or of that name and stack."""

    code = "ChangeSetNotFound"


class ChangeSetExistsError(CloudFormationError):  # type: ignore[misc]
    """There is a change set of that name and stack, which nobody has executed."""

    code = "AlreadyExistsException"


@dataclass
class ChangeSet:
    """A change set; what DescribeChangeSet answers is named as there.

    Attributes:
        sent_template: as the client sent it.
        given: parameters that the client sent, as CloudFormation takes them.
        prepared: what became of the template; None where that failed.
        parameters: all of the template's, and of those in Parameter Store what was read.
    """

    change_set_id: str
    change_set_name: str
    change_set_type: str
    description: str | None
    stack: Stack
    sent_template: str
    given: dict[str, Any]
    capabilities: list[str]
    tag_values: dict[str, str]
    notification_arns: list[str]
    creation_time: datetime = field(default_factory=utcnow)
    changes: list[ResourceChange] = field(default_factory=list)
    prepared: Prepared | None = None
    parameters: list[dict[str, Any]] = field(default_factory=list)
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    status_reason: str | None = None

    @property
    def stack_id(self) -> str:
        """Of the stack that it is for."""
        return str(self.stack.stack_id)

    @property
    def stack_name(self) -> str:
        """Of the stack that it is for."""
        return str(self.stack.name)

    @property
    def template(self) -> str:
        """What GetTemplate answers for the stage Processed."""
        return self.prepared.text if self.prepared else ""

    @property
    def tags(self) -> list[dict[str, str]]:
        """As DescribeChangeSet answers."""
        return [{"Key": key, "Value": value} for key, value in self.tag_values.items()]

    @property
    def read(self) -> dict[str, Any]:
        """What was read of Parameter Store, by name there."""
        return {
            item["ParameterValue"]: item["ResolvedValue"]
            for item in self.parameters
            if "ResolvedValue" in item
        }

    def fail(self, reason: str) -> None:
        """Make it one that cannot be executed."""
        self.status, self.execution_status, self.status_reason = "FAILED", "UNAVAILABLE", reason


def described_parameters(
    template: dict[str, Any], given: dict[str, Any], resources: ResourceMap
) -> list[dict[str, Any]]:
    """Return all parameters of a template as DescribeChangeSet does.

    Args:
        template: plain CloudFormation.
        given: by the client.
        resources: of the template, with its parameters loaded.
    """
    described = []
    for name, slot in template.get("Parameters", {}).items():
        value = str(parameter_text(given.get(name, slot.get("Default"))))
        read = {"ResolvedValue": resources.resolved_parameters[name]} if is_read(slot) else {}
        described.append({"ParameterKey": name, "ParameterValue": value, **read})
    return described
