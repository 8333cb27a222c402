"""The states that come before any job."""

from workflow.definition import names
from workflow.definition.sdk import steps
from workflow.definition.steps.shared import lambda_step


def take_input() -> steps.Pass:
    """Wrap whatever the execution was started with, so that a failure finds an object to go to."""
    return steps.Pass(
        names.TAKE_INPUT,
        comment="Any JSON can start an execution; from here on the state is an object",
        parameters={"input": "$"},
    )


def prepare_execution() -> steps.Task:
    """Merge the execution input over the stack's defaults and check it, before anything costs."""
    return lambda_step(
        names.PREPARE_EXECUTION,
        "Merges the input over the stack's defaults; fails on anything that cannot work",
        function_arn=names.PREPARE_EXECUTION_FUNCTION_ARN,
        payload={
            "ExecutionArn": "$$.Execution.Id",
            "ExecutionName": "$$.Execution.Name",
            "ExecutionStartTime": "$$.Execution.StartTime",
            "ExecutionInput": "$$.Execution.Input",
        },
        output_path="$.Payload",
    )


def start_trial() -> steps.Task:
    """Open the trial that the jobs belong to, so that executions can be compared in Studio."""
    return lambda_step(
        names.START_TRIAL,
        "Makes the execution a trial of the stack's experiment; what exists already stays",
        function_arn=names.START_TRIAL_FUNCTION_ARN,
        payload={"TrialName": "$.experiment.trial_name"},
        result_path="$.trial",
    )
