"""A stack as it was deployed, by what CloudFormation answers about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pocketaws.cloudformation.not_created import MARK, asked_for


@dataclass(frozen=True)
class Stack:
    """A stack that was created or updated.

    Attributes:
        outputs: of the template, by name.
        resources: physical id by logical id.
        not_created: logical id and type of what the emulator does not create.
    """

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    not_created: tuple[tuple[str, str], ...]


def stack_of(
    described: Mapping[str, Any],
    not_created: tuple[tuple[str, str], ...],
    cloudformation: Any,
) -> Stack:
    """Return a stack by what DescribeStacks answers of it; its resources are asked for."""
    name = described["StackName"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in described.get("Outputs", [])}
    listed = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return Stack(
        name=name,
        outputs={name: value for name, value in outputs.items() if not name.startswith(MARK)},
        # moto lists what a false Condition keeps from being created, too, as nothing.
        resources={
            item["LogicalResourceId"]: item["PhysicalResourceId"]
            for item in listed
            if "PhysicalResourceId" in item
        },
        not_created=asked_for(not_created, outputs),
    )
