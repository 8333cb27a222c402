"""Executions that nobody has started by hand."""

from pocketaws.runtime import LocalRuntime
from tests.pages import read_all


def count(runtime: LocalRuntime, machine_arn: str) -> int:
    """Return how many executions a state machine has had."""
    listed = read_all(
        runtime.client("stepfunctions"), "list_executions", stateMachineArn=machine_arn
    )
    return len(listed["executions"])


def wait_for_all(runtime: LocalRuntime, machine_arn: str) -> None:
    """Wait for the ends of all executions of a state machine."""
    listed = read_all(
        runtime.client("stepfunctions"),
        "list_executions",
        stateMachineArn=machine_arn,
        statusFilter="RUNNING",
    )
    for item in listed["executions"]:
        runtime.wait(item["executionArn"])
