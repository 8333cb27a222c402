"""The state machine of a stack of template.yaml, in AWS or emulated."""

from typing import Any, Final

from workflow.account import aws
from workflow.errors import WorkflowError

_LOGICAL_ID: Final = "Workflow"


def state_machine_arn(stack_name: str, *, cloudformation: Any) -> str:
    """Return the state machine of a stack of template.yaml.

    Raises:
        WorkflowError: there is no such stack, or it has no such resource.
    """
    found = aws.call_or_none(
        cloudformation.describe_stack_resource,
        StackName=stack_name,
        LogicalResourceId=_LOGICAL_ID,
    )
    if found is None:
        raise WorkflowError(
            f"there is no stack {stack_name!r} with a state machine in this account and region; "
            "name one with --stack-name, or another --region or --profile"
        )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])
