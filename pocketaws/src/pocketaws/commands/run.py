"""`run`: deploy a template, run one execution of its state machine, and end."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pocketaws.commands import arguments as checked
from pocketaws.commands import outcome
from pocketaws.commands.execute import add_execution_arguments
from pocketaws.commands.stacks import DeploymentPlan, started
from pocketaws.errors import ArgumentError
from pocketaws.terminal.display import Display, display
from pocketaws.terminal.progress import Progress

if TYPE_CHECKING:
    from pocketaws.cloudformation.deploy import Stack
    from pocketaws.runtime import LocalRuntime
    from pocketaws.step_functions.execution import Execution

SUMMARY: Final = "deploy a template, run one execution of its state machine, and end"
DESCRIPTION: Final = (
    "Deploy a SAM or CloudFormation template to an emulated AWS on this machine, run one execution "
    "of its state machine, show its states as they go, and exit with 0 only when it succeeded."
)
EXAMPLES: Final = """examples:
  python -m pocketaws run template.yaml
  python -m pocketaws run template.yaml --state-machine Orders --input '{"order": 7}'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("template", type=Path, metavar="TEMPLATE", help="what to deploy")
    parser.add_argument(
        "--state-machine",
        metavar="LOGICAL-ID",
        help="in the template (needed where it has more than one)",
    )
    checked.add_stack_arguments(parser)
    add_execution_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run one execution; return 0 where it succeeded, else 1.

    Raises:
        PocketawsError: the arguments cannot be used, or the template cannot be deployed.
    """
    template = checked.template_path(arguments.template)
    plan = DeploymentPlan(
        template,
        checked.stack_name(arguments.stack_name, template),
        checked.parameters(arguments.parameter),
        checked.region(arguments.region),
    )
    execution_input = checked.execution_input(arguments.input)
    name = checked.execution_name(arguments.name)
    result_path = checked.result_path(arguments.result)
    progress = Progress()
    with display() as screen, started(plan, screen) as (runtime, stack):
        assert stack is not None, "a template was given"  # noqa: S101
        arn = _state_machine_arn(runtime, stack, arguments.state_machine)
        execution = _executed(runtime, arn, execution_input, name, progress=progress, screen=screen)
        _tell_messages(runtime, screen)
    return outcome.tell(execution, progress.states, result_path)


def _state_machine_arn(runtime: "LocalRuntime", stack: "Stack", logical_id: str | None) -> str:
    machines = {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for item in runtime.client("cloudformation").describe_stack_resources(StackName=stack.name)[
            "StackResources"
        ]
        if item["ResourceType"] == "AWS::StepFunctions::StateMachine"
    }
    names = ", ".join(sorted(machines)) or "none"
    if logical_id is None:
        if len(machines) != 1:
            raise ArgumentError(
                f"the template has {len(machines)} state machines ({names}); name one with "
                "--state-machine"
            )
        return str(next(iter(machines.values())))
    if logical_id not in machines:
        raise ArgumentError(
            f"--state-machine {logical_id}: the template has no such state machine; it has {names}"
        )
    return str(machines[logical_id])


def _executed(
    runtime: "LocalRuntime",
    arn: str,
    execution_input: Any,
    name: str | None,
    *,
    progress: Progress,
    screen: Display,
) -> "Execution":
    from botocore.exceptions import ClientError

    def on_event(event: Any) -> None:
        progress.add(event)
        screen.show(progress.states)

    try:
        execution_arn = runtime.start_execution(arn, execution_input, name=name)
    except ClientError as error:
        details = error.response["Error"]
        raise ArgumentError(f"{details['Code']}: {details['Message']}") from error
    screen.note(f"execution {execution_arn}")
    return runtime.wait(execution_arn, on_event=on_event)


def _tell_messages(runtime: "LocalRuntime", screen: Display) -> None:
    for message in runtime.messages():
        screen.note(f"message: {message.subject}")
        for line in message.text.splitlines():
            screen.note(f"  {line}")
