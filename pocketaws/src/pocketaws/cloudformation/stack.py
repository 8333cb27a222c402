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
    resources: Mapping[str, str],
) -> Stack:
    """Return a stack by what DescribeStacks answers of it.

    Args:
        described: the answer.
        not_created: as `not_created.take_out` returns it.
        resources: physical id by logical id.
    """
    outputs = {item["OutputKey"]: item["OutputValue"] for item in described.get("Outputs", [])}
    return Stack(
        name=described["StackName"],
        outputs={name: value for name, value in outputs.items() if not name.startswith(MARK)},
        resources=resources,
        not_created=asked_for(not_created, outputs),
    )


def listed_resources(stack_name: str, cloudformation: Any) -> dict[str, str]:
    """Return physical id by logical id of a stack's resources, which a client is asked for."""
    listed = cloudformation.describe_stack_resources(StackName=stack_name)["StackResources"]
    return {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for item in listed
        # moto lists what a false Condition keeps from being created, too, as nothing.
        if "PhysicalResourceId" in item
    }
