"""Executions that wait for a person: started, and known by the message that asks."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution
from tests.conftest import OPEN_GATE

# Of a person who does not answer: longer than it takes to ask, however busy the machine is.
SOON_OVER_SECONDS: Final = 10
_QUICK: Final = {"hyperparameters": {"num_round": 2}}


@dataclass(frozen=True)
class Asked:
    """An execution that waits; `link` opens the approval page."""

    runtime: LocalRuntime
    execution_arn: str
    package_arn: str
    message: str
    link: str

    @property
    def status(self) -> str:
        """The package's approval status in the registry."""
        package = self.runtime.client("sagemaker").describe_model_package(
            ModelPackageName=self.package_arn
        )
        return str(package["ModelApprovalStatus"])

    @property
    def execution_status(self) -> str:
        """Whether the execution still waits: RUNNING."""
        described = self.runtime.client("stepfunctions").describe_execution(
            executionArn=self.execution_arn
        )
        return str(described["status"])

    def decide(self, status: str, description: str = "seen") -> None:
        """Decide in the registry, as Studio and the AWS CLI do."""
        self.runtime.client("sagemaker").update_model_package(
            ModelPackageArn=self.package_arn,
            ModelApprovalStatus=status,
            ApprovalDescription=description,
        )

    def end(self) -> Execution:
        """Wait for the execution's end."""
        return self.runtime.wait(self.execution_arn)

    def messages(self) -> list[str]:
        """The texts of all messages about this execution, the question first."""
        name = self.execution_arn.rpartition(":")[2]
        return [message.text for message in self.runtime.messages() if name in message.text]


Ask = Callable[..., Asked]


def asking(runtime: LocalRuntime, stack: Stack, input_data_uri: str) -> Ask:
    """Return a function that starts an execution and waits until it asks."""

    def ask(**execution_input: Any) -> Asked:
        name = f"asking-{uuid.uuid4()}"
        arn = runtime.start_execution(
            stack.outputs["StateMachineArn"],
            {
                "input_data_uri": input_data_uri,
                "approval": "required",
                **OPEN_GATE,
                **_QUICK,
                **execution_input,
            },
            name=name,
        )
        return asked_by(runtime, arn)

    return ask


def asked_by(runtime: LocalRuntime, execution_arn: str) -> Asked:
    """Wait until an execution asks."""
    message = _question(runtime, execution_arn.rpartition(":")[2])
    package = re.search(r"^Model package: (\S+)$", message, re.MULTILINE)
    link = re.search(r"^http://\S+$", message, re.MULTILINE)
    assert package, message
    assert link, message
    return Asked(runtime, execution_arn, package[1], message, link[0])


def _question(runtime: LocalRuntime, name: str) -> str:
    texts = eventually(
        lambda: [message.text for message in runtime.messages() if name in message.text]
    )
    return str(texts[0])
