"""State machines in the emulated account, with a role that may do everything."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution

SDK = "arn:aws:states:::aws-sdk:"


@dataclass(frozen=True)
class Machines:
    """Creates state machines and runs them."""

    runtime: LocalRuntime
    role_arn: str

    def create(self, definition: Mapping[str, Any], **more: Any) -> str:
        """Create a state machine and return its ARN."""
        created = self.runtime.client("stepfunctions").create_state_machine(
            **{"name": f"m-{uuid.uuid4()}", "roleArn": self.role_arn, **more},
            definition=json.dumps(definition),
        )
        return str(created["stateMachineArn"])

    def run(self, definition: Mapping[str, Any], value: Any = None) -> Execution:
        """Create a state machine, run it once and return the execution."""
        return self.runtime.run(self.create(definition), {} if value is None else value)

    def result(self, resource: str, parameters: Any) -> Any:
        """Return the output of one task."""
        state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
        execution = self.run({"StartAt": "A", "States": {"A": state}})
        assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
        return execution.output

    def failure(self, resource: str, parameters: Any) -> tuple[str | None, str]:
        """Return the error and the cause of one task that fails."""
        state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
        execution = self.run({"StartAt": "A", "States": {"A": state}})
        assert execution.status == "FAILED"
        return execution.error, str(execution.cause)


def of(runtime: LocalRuntime, name: str) -> Machines:
    """Return what creates state machines with a role of a name that may do everything."""
    iam = runtime.client("iam")
    trust = _policy(Principal={"Service": "states.amazonaws.com"}, Action="sts:AssumeRole")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    everything = _policy(Action="*", Resource="*")
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=everything)
    return Machines(runtime, role["Arn"])


def _policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
