"""What CodePipeline does between actions: order, variables, artifacts, stops and rollbacks."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.functional.releasing import Seen
from workflow.errors import WorkflowError
from workflow.release.artifacts import Artifact
from workflow.release.execution import ActionResult, PipelineEnd, PipelineExecution, Task
from workflow.release.manual import Approvals
from workflow.release.pipeline import Action, Pipeline, Stage
from workflow.release.roles import ReleaseRoles

Perform = Callable[[Task], ActionResult]
MADE: Final = Artifact("Made", Path("made.zip"))
CONSOLE: Final = "https://console.aws.amazon.com/states/home?region=us-east-1#/executions/arn"


def action(
    name: str,
    *,
    provider: str = "Manual",
    namespace: str | None = None,
    inputs: tuple[str, ...] = (),
    outputs: tuple[str, ...] = (),
    **configuration: str,
) -> Action:
    return Action(
        stage=f"{name}-stage",
        name=name,
        provider=provider,
        role_arn="arn:aws:iam::123456789012:role/pipeline",
        run_order=1,
        configuration=configuration,
        commands=(),
        output_variables=(),
        inputs=inputs,
        outputs=outputs,
        namespace=namespace,
        timeout_minutes=None,
    )


def run(
    *actions: Action,
    performers: Mapping[str, Perform],
    variables: Mapping[str, str] | None = None,
    view: Seen | None = None,
    earlier: PipelineEnd | None = None,
    rolls_back: bool = False,
) -> PipelineEnd:
    """Run a pipeline with a stage for each action."""
    stages = tuple(Stage(item.stage, (item,), rolls_back=rolls_back) for item in actions)
    pipeline = Pipeline("small", "bucket", {"Greeting": "hello"}, stages, {}, ReleaseRoles((), {}))
    execution = PipelineExecution(
        pipeline,
        "execution-1",
        variables=variables or {},
        performers=performers,
        view=view or Seen(),
        earlier=earlier,
    )
    return execution.run()


def failing(_: Task) -> ActionResult:
    raise WorkflowError("it broke")


class Recorder:
    """Performs any action, and keeps what it was asked."""

    def __init__(self, result: ActionResult | None = None) -> None:
        self.tasks: list[Task] = []
        self._result = result or ActionResult()

    def __call__(self, task: Task) -> ActionResult:
        self.tasks.append(task)
        return self._result


def test_nothing_after_a_failed_action_runs() -> None:
    recorder, view = Recorder(), Seen()

    ended = run(
        *(action("First"), action("Second", provider="CodeBuild"), action("Third")),
        performers={"Manual": recorder, "CodeBuild": failing},
        view=view,
    )

    assert ended.failure == "stage Second-stage, action Second: it broke"
    assert [task.action.name for task in recorder.tasks] == ["First"]
    assert [row.status for row in view.rows] == ["Succeeded", "Failed", "NotRun"]


def test_variables_of_an_action_reach_a_later_one() -> None:
    giver, taker = Recorder(ActionResult(variables={"Key": "value"})), Recorder()

    run(
        action("Giver", provider="CodeBuild", namespace="Given"),
        action("Taker", CustomData="#{Given.Key}, #{variables.Greeting}"),
        performers={"CodeBuild": giver, "Manual": taker},
        variables={"Greeting": "good morning"},
    )

    assert taker.tasks[0].action.configuration == {"CustomData": "value, good morning"}


def test_the_executions_own_name_is_a_variable() -> None:
    taker = Recorder()

    run(
        action("Taker", CustomData="#{codepipeline.PipelineExecutionId}"),
        performers={"Manual": taker},
    )

    assert taker.tasks[0].action.configuration == {"CustomData": "execution-1"}


def test_a_variable_without_a_value_fails_the_action_that_names_it() -> None:
    ended = run(
        action("Giver", provider="CodeBuild", namespace="Given"),
        action("Taker", CustomData="#{Given.Other}"),
        performers={
            "CodeBuild": Recorder(ActionResult(variables={"Key": "value"})),
            "Manual": Recorder(),
        },
    )

    assert ended.failure is not None
    assert "the variable #{Given.Other} has no value; Given holds Key" in ended.failure


def test_a_pipeline_variable_that_is_not_declared_is_refused() -> None:
    with pytest.raises(WorkflowError, match="no variable 'Other'; it has Greeting"):
        run(action("Any"), performers={"Manual": Recorder()}, variables={"Other": "x"})


def test_artifacts_reach_the_action_that_names_them() -> None:
    taker = Recorder()

    run(
        action("Giver", provider="CodeBuild", outputs=("Made",)),
        action("Taker", inputs=("Made",)),
        performers={"CodeBuild": Recorder(ActionResult(artifacts={"Made": MADE})), "Manual": taker},
    )

    assert taker.tasks[0].inputs == {"Made": MADE}


def test_an_action_that_does_not_make_its_artifact_fails() -> None:
    ended = run(action("Giver", outputs=("Made",)), performers={"Manual": Recorder()})

    assert ended.failure is not None
    assert "it did not make the artifact Made" in ended.failure


def test_a_stage_is_rolled_back_to_what_the_last_good_execution_ran_it_with() -> None:
    giver = action("Giver", provider="CodeBuild", namespace="Given")
    deploy = action("Deploy", CustomData="#{Given.Commit}")
    good = run(
        *(giver, deploy),
        performers={
            "CodeBuild": Recorder(ActionResult(variables={"Commit": "good"})),
            "Manual": Recorder(),
        },
        rolls_back=True,
    )
    deployed: list[str] = []

    def refuses_bad(task: Task) -> ActionResult:
        deployed.append(task.action.configuration["CustomData"])
        return failing(task) if deployed[-1] == "bad" else ActionResult()

    ended = run(
        *(giver, deploy),
        performers={
            "CodeBuild": Recorder(ActionResult(variables={"Commit": "bad"})),
            "Manual": refuses_bad,
        },
        earlier=good,
        rolls_back=True,
    )

    assert deployed == ["bad", "good"]
    assert ended.failure == "stage Deploy-stage, action Deploy: it broke"
    assert ended.rows[-1].status == "Failed"


def test_without_an_earlier_execution_there_is_nothing_to_roll_back_to() -> None:
    view = Seen()

    run(action("Deploy"), performers={"Manual": failing}, view=view, rolls_back=True)

    assert "nothing to roll back to" in view.notes[0]


def answers(*lines: str | None) -> Callable[[float], str | None]:
    left = list(lines)
    return lambda _: left.pop(0)


@pytest.mark.parametrize(
    ("lines", "failure"),
    [
        (("yes",), None),
        (("perhaps", "Y"), None),
        (("no",), "Rejected: approval was refused"),
        ((None,), "nobody answered within 10080 minutes"),
    ],
)
def test_a_person_decides(lines: tuple[str | None, ...], failure: str | None) -> None:
    view = Seen()
    approvals = Approvals(None, answers(*lines), view.note, view.ask)

    ended = run(
        action("Ask", CustomData=f"Deploy #{{variables.Greeting}}? {CONSOLE}"),
        performers={"Manual": approvals},
    )

    assert (ended.failure or "").endswith(failure or "")
    assert ended.succeeded == (failure is None)
    assert view.notes[:2] == [
        "Ask: Deploy hello? (AWS's console alone shows it)",
        "approve? type yes or no",
    ]
    assert ("'perhaps' is no answer: type yes or no" in view.notes) == ("perhaps" in lines)
