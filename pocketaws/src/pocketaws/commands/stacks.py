"""The emulated AWS with a template deployed, as the commands start it."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pocketaws import environment
from pocketaws.additions import additions_beside
from pocketaws.processes.warmup import Warmup
from pocketaws.terminal.display import Display
from pocketaws.terminal.signs_of_life import signs_of_life

if TYPE_CHECKING:
    from pocketaws.cloudformation.deploy import Stack
    from pocketaws.runtime import LocalRuntime


@dataclass(frozen=True)
class DeploymentPlan:
    """What is to be deployed.

    Attributes:
        template: None deploys nothing.
        port: of the emulated services; 0 takes a free one.
    """

    template: Path | None
    stack_name: str
    parameters: Mapping[str, str]
    region: str
    port: int = 0


def _deployed(runtime: "LocalRuntime", plan: DeploymentPlan) -> "Stack | None":
    if plan.template is None:
        return None
    return runtime.deploy(plan.template, stack_name=plan.stack_name, parameters=plan.parameters)


@contextlib.contextmanager
def started(
    plan: DeploymentPlan, screen: Display
) -> Iterator[tuple["LocalRuntime", "Stack | None"]]:
    """Start the emulated AWS and deploy the template, telling of it.

    Raises:
        PocketawsError: the runtime cannot start, or the template cannot be deployed.
    """
    additions = additions_beside(plan.template)
    with contextlib.ExitStack() as exits:
        # The slowest imports begin now, in processes of their own.
        warmup = Warmup()
        exits.callback(warmup.stop)
        if plan.template is not None:
            warmup.build(plan.template, plan.region)
        else:
            # Others deploy to it.
            warmup.warm_handlers()
        exits.enter_context(environment.isolated())
        screen.note("starting an emulated AWS on this machine")
        with signs_of_life(screen.note, "still starting"):
            from pocketaws import LocalRuntime

            runtime = exits.enter_context(
                LocalRuntime(warmup, region=plan.region, port=plan.port, additions=additions)
            )
            stack = _deployed(runtime, plan)
        if stack is not None:
            for logical_id, resource_type in stack.not_created:
                screen.note(f"not created here: {logical_id} ({resource_type})")
            screen.note(f"stack {plan.stack_name} is deployed")
            for name, value in stack.outputs.items():
                screen.note(f"  {name} = {value}")
        yield runtime, stack
