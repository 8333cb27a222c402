"""One execution of a pipeline: stages and actions in order, what passes between them, the end.

Who does an action's work is given by provider, so this knows neither git nor the emulator.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from pocketaws import PocketawsError, Screen
from workflow.errors import WorkflowError
from workflow.release.artifacts import Artifact
from workflow.release.pipeline import Action, Pipeline, Stage
from workflow.release.variables import PIPELINE_NAMESPACE, RESERVED_NAMESPACE, resolved

NOT_RUN: Final = "NotRun"
IN_PROGRESS: Final = "InProgress"
SUCCEEDED: Final = "Succeeded"
FAILED: Final = "Failed"
_NO_EARLIER: Final = "nothing to roll back to: no earlier execution succeeded in this stage"


@dataclass(frozen=True)
class ActionRow:
    """How an action stands; `said` is its last word."""

    stage: str
    action: str
    status: str = NOT_RUN
    seconds: float = 0.0
    said: str = ""


# Where an execution is shown.
View: TypeAlias = Screen[ActionRow]


@dataclass(frozen=True)
class Task:
    """An action whose variables have their values, and what it needs.

    Attributes:
        inputs: the artifacts that it reads, by name.
        say: shows what it does.
    """

    execution_id: str
    action: Action
    inputs: Mapping[str, Artifact]
    say: Callable[[str], None]


@dataclass(frozen=True)
class ActionResult:
    """What an action that succeeded leaves.

    Attributes:
        artifacts: by name; those that the action declares.
    """

    said: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)


# Does an action's work; raises a WorkflowError where the action fails.
Perform = Callable[[Task], ActionResult]


@dataclass(frozen=True)
class Passed:
    """What has passed between the actions so far."""

    variables: Mapping[str, Mapping[str, str]]
    artifacts: Mapping[str, Artifact]


@dataclass(frozen=True)
class PipelineEnd:
    """How an execution ended.

    Attributes:
        failure: what failed and why; None where everything succeeded.
        entered: by stage that succeeded, what had passed when it was entered: what a later
            execution's rollback runs it with.
    """

    rows: list[ActionRow]
    failure: str | None
    entered: Mapping[str, Passed]
    passed: Passed

    @property
    def succeeded(self) -> bool:
        """Whether every action of every stage succeeded."""
        return self.failure is None


def task_of(action: Action, passed: Passed, execution_id: str, say: Callable[[str], None]) -> Task:
    """Return an action's task, made of what has passed before it.

    Raises:
        WorkflowError: it names a variable that has no value.
    """

    def value(text: str) -> str:
        return resolved(text, passed.variables, where=action.where)

    return Task(
        execution_id,
        replace(
            action,
            configuration={key: value(text) for key, text in action.configuration.items()},
            commands=tuple(map(value, action.commands)),
        ),
        {name: passed.artifacts[name] for name in action.inputs},
        say,
    )


class PipelineExecution:
    """Runs a pipeline once.

    Args:
        variables: of the pipeline, over their defaults.
        performers: by provider.
        earlier: the last execution in the same account, for rollbacks.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        execution_id: str,
        *,
        variables: Mapping[str, str],
        performers: Mapping[str, Perform],
        view: View,
        earlier: PipelineEnd | None = None,
    ) -> None:
        unknown = sorted(variables.keys() - pipeline.variables.keys())
        if unknown:
            raise WorkflowError(
                f"the pipeline has no variable {unknown[0]!r}; it has "
                f"{', '.join(sorted(pipeline.variables)) or 'none'}"
            )
        self._pipeline = pipeline
        self._id = execution_id
        self._performers = performers
        self._view = view
        self._entered = dict(earlier.entered) if earlier else {}
        self._passed = Passed(
            {
                PIPELINE_NAMESPACE: {**pipeline.variables, **variables},
                RESERVED_NAMESPACE: {"PipelineExecutionId": execution_id},
            },
            {},
        )
        self._rows = [
            ActionRow(stage.name, action.name)
            for stage in pipeline.stages
            for action in stage.actions
        ]

    def run(self) -> PipelineEnd:
        """Run stage by stage and stop where one fails."""
        failure = None
        for stage in self._pipeline.stages:
            before = self._passed
            failure = self._run_stage(stage)
            if failure is not None:
                if stage.rolls_back:
                    self._roll_back(stage)
                break
            self._entered[stage.name] = before
        return PipelineEnd(list(self._rows), failure, self._entered, self._passed)

    def _run_stage(self, stage: Stage) -> str | None:
        for action in stage.actions:
            try:
                self._run_action(action)
            except (WorkflowError, PocketawsError) as error:
                self._change(action, status=FAILED, said=str(error))
                return f"{action.where}: {error}"
        return None

    def _run_action(self, action: Action) -> None:
        started = time.monotonic()
        self._change(action, status=IN_PROGRESS, said="")
        try:
            task = task_of(
                action, self._passed, self._id, lambda said: self._change(action, said=said)
            )
            result = self._performers[action.provider](task)
        finally:
            self._change(action, seconds=time.monotonic() - started)
        lacking = [name for name in action.outputs if name not in result.artifacts]
        if lacking:
            raise WorkflowError(f"it did not make the artifact {', '.join(lacking)}")
        given = {action.namespace: result.variables} if action.namespace else {}
        self._passed = Passed(
            {**self._passed.variables, **given},
            {**self._passed.artifacts, **result.artifacts},
        )
        self._change(action, status=SUCCEEDED, said=result.said)

    def _roll_back(self, stage: Stage) -> None:
        """Run a stage again with what its last successful execution had."""
        earlier = self._entered.get(stage.name)
        if earlier is None:
            self._view.note(f"stage {stage.name}: {_NO_EARLIER}")
            return
        self._view.note(f"stage {stage.name}: rolling back to the last execution that succeeded")
        failed, self._passed = self._passed, earlier
        rows = list(self._rows)
        failure = self._run_stage(stage)
        self._passed = failed
        self._rows = rows
        self._view.note(f"stage {stage.name}: {failure or 'rolled back'}")

    def _change(self, action: Action, **changes: object) -> None:
        for index, row in enumerate(self._rows):
            if (row.stage, row.action) == (action.stage, action.name):
                self._rows[index] = replace(row, **changes)  # type: ignore[arg-type]
        self._view.show(list(self._rows))
