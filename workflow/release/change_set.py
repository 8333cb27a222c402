"""A change set: a template and parameters whose values from Parameter Store have been read."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from workflow.release.parameters import SSM_TYPE


@dataclass
class ChangeSet:
    """What CloudFormation would keep of a change set.

    Attributes:
        template: whose parameters from Parameter Store are plain ones.
        parameters: to deploy it with; what was read stands for where it was read.
        given: every parameter's value as it was given, or its default.
        resolved: of the parameters from Parameter Store, what was read.
        path: of the template's file, once `template_path` has named it.
    """

    stack_name: str
    template: dict[str, Any]
    parameters: Mapping[str, str]
    given: Mapping[str, str]
    resolved: Mapping[str, str]
    path: Path = field(default_factory=Path)

    def template_path(self, folder: Path) -> Path:
        """Name the template's file, beside what the template refers to."""
        self.path = folder / "template.json"
        return self.path


def pinned(
    template: Mapping[str, Any],
    given: Mapping[str, str],
    resolved: Mapping[str, str],
    *,
    stack_name: str,
) -> ChangeSet:
    """Return the change set of a template: what is deployed is what has been read by now."""
    whole = copy.deepcopy(dict(template))
    for slot in whole.get("Parameters", {}).values():
        if slot["Type"].startswith(SSM_TYPE):
            slot["Type"] = slot["Type"].removeprefix(SSM_TYPE).removesuffix(">")
            # They hold for the name of the parameter in Parameter Store.
            for key in ("Default", "AllowedPattern", "AllowedValues"):
                slot.pop(key, None)
    return ChangeSet(stack_name, whole, {**given, **resolved}, given, resolved)


def described(name: str, change_set: ChangeSet) -> str:
    """Return what DescribeChangeSet answers, in the form of CloudFormation's protocol.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
    """
    members = "".join(
        f"<member>{_element('ParameterKey', key)}{_element('ParameterValue', value)}"
        f"{_element('ResolvedValue', change_set.resolved.get(key))}</member>"
        for key, value in change_set.given.items()
    )
    return (
        '<DescribeChangeSetResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
        f"<DescribeChangeSetResult>{_element('ChangeSetName', name)}"
        f"{_element('StackName', change_set.stack_name)}<Status>CREATE_COMPLETE</Status>"
        f"<ExecutionStatus>AVAILABLE</ExecutionStatus><Parameters>{members}</Parameters>"
        "<Changes/></DescribeChangeSetResult><ResponseMetadata><RequestId>local</RequestId>"
        "</ResponseMetadata></DescribeChangeSetResponse>"
    )


def _element(name: str, text: str | None) -> str:
    return "" if text is None else f"<{name}>{escape(text)}</{name}>"
