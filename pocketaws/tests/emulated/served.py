"""The stack of `served_workflow`, and how the tests use it."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime

TEMPLATE_PATH = Path(__file__).parent / "served_workflow" / "template.yaml"


@dataclass(frozen=True)
class Served:
    """The stack in its runtime."""

    runtime: LocalRuntime
    stack: Stack

    def notes(self, name: str) -> list[dict[str, Any]]:
        """Return the events that a function has written down under a name, oldest first."""
        s3, bucket_name = self.runtime.client("s3"), self.stack.outputs["BucketName"]
        listed = s3.list_objects_v2(Bucket=bucket_name, Prefix=f"{name}/").get("Contents", [])
        bodies = [s3.get_object(Bucket=bucket_name, Key=item["Key"])["Body"] for item in listed]
        return [json.loads(body.read()) for body in bodies]

    def ring(self, detail: dict[str, Any], detail_type: str = "Rung") -> dict[str, Any]:
        """Put an event of the shop's on the bus and return the answer."""
        entry = {
            "Source": "shop.bell",
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "Resources": ["bell"],
        }
        answer: dict[str, Any] = self.runtime.client("events").put_events(Entries=[entry])
        return answer

    def machine(self, states: dict[str, Any], start_at: str) -> str:
        """Create a state machine and return its ARN."""
        created = self.runtime.client("stepfunctions").create_state_machine(
            name=f"m-{uuid.uuid4()}",
            definition=json.dumps({"StartAt": start_at, "States": states}),
            roleArn=self.stack.outputs["RoleArn"],
        )
        return str(created["stateMachineArn"])

    def invoke(self, output_name: str, **event: Any) -> Any:
        """Call the function that an output of the stack names."""
        answer = self.runtime.client("lambda").invoke(
            FunctionName=self.stack.outputs[output_name], Payload=json.dumps(event)
        )
        return json.loads(answer["Payload"].read())

    def kept_tokens(self, name: str, attempt: int = 0) -> list[Any]:
        """Return the object in which a task's token was kept, if it has been already."""
        listed = self.runtime.client("s3").list_objects_v2(
            Bucket=self.stack.outputs["BucketName"], Prefix=f"tokens/{name}/{attempt}"
        )
        return list(listed.get("Contents", []))


def deployed(runtime: LocalRuntime, stack_name: str) -> Served:
    """Deploy the stack under a name."""
    return Served(runtime, runtime.deploy(TEMPLATE_PATH, stack_name=stack_name))
