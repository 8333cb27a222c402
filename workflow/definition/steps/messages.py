"""The states that say how an execution ended, and the ends that are failures.

A failure ends in Fail, never in Succeed: CodePipeline deploys after an execution that succeeded.
"""

from workflow.definition import names
from workflow.definition.sdk import steps
from workflow.definition.steps.shared import lambda_step


def tell(state_name: str, kind: str) -> steps.Task:
    """Send the message of one kind: released, rejected, refused or failed."""
    return lambda_step(
        state_name,
        "Sends a message that says what, why and with which numbers",
        function_arn=names.SEND_MESSAGE_FUNCTION_ARN,
        payload={"Kind": kind, "ExecutionArn": "$$.Execution.Id", "State": "$"},
        result_path="$.message",
    )


def model_released() -> steps.Succeed:
    """End a released execution, also where the message could not be sent: the model is recorded."""
    return steps.Succeed(names.MODEL_RELEASED, comment="The recorded name is the model's")


def model_rejected() -> steps.Fail:
    """End a rejected execution; its cause, which states both numbers, is added by `definition`."""
    return steps.Fail(names.MODEL_REJECTED, comment="No model was created", error="ModelRejected")


def model_not_approved() -> steps.Fail:
    """End an execution whose model a person refused; its cause is added by `definition`."""
    return steps.Fail(
        names.MODEL_NOT_APPROVED,
        comment="Its package stays in the registry, rejected",
        error="ModelRejected",
    )


def execution_failed() -> steps.Fail:
    """End a failed execution as what failed; error and cause are added by `definition`."""
    return steps.Fail(names.EXECUTION_FAILED, comment="Nothing was recorded")


def failed_untold() -> steps.Fail:
    """End an execution whose message could not be sent either."""
    return steps.Fail(
        names.FAILED_UNTOLD,
        comment="The history has the first error",
        error="MessageNotSent",
        cause="A state failed, and so did the message about it; see the execution's history",
    )
