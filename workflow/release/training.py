"""The StepFunctions action: start an execution and wait for its end.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StepFunctions.html
"""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pocketaws import Execution, State, execution_of
from workflow.account.causes import plain_cause
from workflow.errors import WorkflowError
from workflow.laptop import bucket
from workflow.laptop.approval import Approver, Registry
from workflow.laptop.input_data import InputObject
from workflow.laptop.watching import Watch, start_errors
from workflow.release.artifacts import Artifact, zip_files
from workflow.release.execution import ActionResult, Task
from workflow.release.identities import RoleSessions
from workflow.release.stacks import owner_of

if TYPE_CHECKING:
    from pocketaws import LocalRuntime

# How the file of the artifact is called is not documented; readers look for it.
_OUTPUT_NAME: Final = "output.json"
_DATA_OUTPUT: Final = "DefaultInputDataUri"
_GROUP_OUTPUT: Final = "ModelPackageGroupArn"


@dataclass(frozen=True)
class _Screen:
    """Shows an execution's states as the action's words."""

    task: Task
    note: Callable[[str], None]
    ask: Callable[[str], None]

    def show(self, states: Any) -> None:
        last: State = states[-1]
        self.task.say(f"{last.name}: {last.status}")


@dataclass(frozen=True)
class Training:
    """Performs StepFunctions actions.

    Attributes:
        runtime: shows the execution as it runs, and has its messages.
        decision: answers an execution that asks a person: Approved, Rejected, or None to ask.
        note: shows a line that stays.
        ask: shows a question below everything else.
        output_dir: takes the output artifact.
        data: stands, on this machine, for what the deployed stack reads by default.
    """

    runtime: "LocalRuntime"
    identities: RoleSessions
    decision: str | None
    note: Callable[[str], None]
    ask: Callable[[str], None]
    output_dir: Path
    data: Sequence[InputObject]

    def __call__(self, task: Task) -> ActionResult:
        """Run the execution; one that does not succeed fails the action."""
        configuration = task.action.configuration
        arn = configuration["StateMachineArn"]
        prefix = configuration.get("ExecutionNamePrefix")
        name = "-".join([*([prefix] if prefix else []), str(uuid.uuid4())])
        self._stand_in(arn)
        execution = self._run(arn, name, _input(task), task)
        if execution.status != "SUCCEEDED":
            cause = plain_cause(execution.cause) or "no cause was given"
            raise WorkflowError(f"execution {name} {execution.status}: {execution.error}: {cause}")
        output = execution.output if isinstance(execution.output, dict) else {}
        said = output.get("judgement", {}).get("reason", f"execution {name} SUCCEEDED")
        return ActionResult(
            str(said),
            {"StateMachineArn": arn, "ExecutionArn": execution.arn},
            {key: self._artifact(key, execution.output) for key in task.action.outputs},
        )

    def _run(self, arn: str, name: str, execution_input: Any, task: Task) -> Execution:
        screen = _Screen(task, self.note, self.ask)
        watch = Watch(self.runtime, screen, self._approver(arn, screen))
        client = self.identities.client("stepfunctions", role_arn=task.action.role_arn)
        with start_errors():
            # Which CodePipeline does, too, and needs the permission for.
            client.describe_state_machine(stateMachineArn=arn)
            execution_arn = client.start_execution(
                stateMachineArn=arn, name=name, input=json.dumps(execution_input)
            )["executionArn"]
        self.runtime.wait(execution_arn, on_event=watch)
        return execution_of(client.describe_execution(executionArn=execution_arn))

    def _stand_in(self, arn: str) -> None:
        _, outputs = owner_of(arn, self.runtime.client("cloudformation")) or ("", {})
        if _DATA_OUTPUT in outputs:
            uri = bucket.stand_in(self.runtime, outputs[_DATA_OUTPUT], self.data)
            names = ", ".join(item.name for item in self.data)
            self.note(f"{names} stands for {uri}")

    def _approver(self, arn: str, screen: _Screen) -> Approver | None:
        _, outputs = owner_of(arn, self.runtime.client("cloudformation")) or ("", {})
        if _GROUP_OUTPUT not in outputs:
            return None
        # Who is asked acts in no role of the pipeline's.
        registry = Registry(self.runtime.client)
        return Approver(registry, self.decision, screen)

    def _artifact(self, name: str, output: Any) -> Artifact:
        path = self.output_dir / _OUTPUT_NAME
        path.write_text(json.dumps(output), encoding="utf-8")
        zip_path = self.output_dir / f"{name}.zip"
        zip_files([path], self.output_dir, zip_path)
        return Artifact(name, zip_path)


def _input(task: Task) -> Any:
    text = task.action.configuration.get("Input", "{}")
    try:
        return json.loads(text)
    except ValueError as error:
        raise WorkflowError(f"Input = {text!r}: is not JSON: {error}") from error
