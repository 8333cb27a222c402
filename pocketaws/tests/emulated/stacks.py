"""Small stacks, created and updated by the calls of CloudFormation."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from pocketaws.runtime import LocalRuntime


class SmallStack:
    """A stack of a few resources."""

    def __init__(self, runtime: LocalRuntime) -> None:
        self.name = f"small-{uuid.uuid4().hex[:8]}"
        self._cloudformation = runtime.client("cloudformation")

    def create(self, resources: Mapping[str, Any], **more: Any) -> str:
        """Create it, and return how it ends, or what is said to the call."""
        return self._called(self._cloudformation.create_stack, resources, more)

    def update(self, resources: Mapping[str, Any], **more: Any) -> str:
        """Update it, and return how it ends with the reason, or what is said to the call."""
        return self._called(self._cloudformation.update_stack, resources, more)

    def described(self) -> dict[str, Any]:
        return dict(self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0])

    def output(self, name: str) -> str:
        found = {item["OutputKey"]: item["OutputValue"] for item in self.described()["Outputs"]}
        return str(found[name])

    def physical_id(self, logical_id: str) -> str:
        answer = self._cloudformation.describe_stack_resources(
            StackName=self.name, LogicalResourceId=logical_id
        )
        return str(answer["StackResources"][0]["PhysicalResourceId"])

    def delete(self) -> None:
        self._cloudformation.delete_stack(StackName=self.name)

    def _called(self, call: Any, resources: Mapping[str, Any], more: dict[str, Any]) -> str:
        sections = {key: more.pop(key) for key in list(more) if key in _SECTIONS}
        template = {"Resources": resources, **sections}
        try:
            call(
                StackName=self.name,
                TemplateBody=json.dumps(template),
                Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
                **more,
            )
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        described = self.described()
        return f"{described['StackStatus']} {described.get('StackStatusReason', '')}".strip()


_SECTIONS = ("Outputs", "Parameters", "Conditions", "Mappings", "Transform")


@contextmanager
def small_stack(runtime: LocalRuntime) -> Iterator[SmallStack]:
    """Yield a stack and delete it in the end."""
    stack = SmallStack(runtime)
    yield stack
    stack.delete()
