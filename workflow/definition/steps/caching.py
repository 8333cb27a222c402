"""The states that answer a job with what an earlier one made, and keep what was made."""

from typing import Any, Final

from workflow.definition import names
from workflow.definition.sdk import State, steps
from workflow.definition.steps.shared import lambda_step

# What says nothing of what a job makes; functions/cached_outputs leaves it out as well.
_OF_ONE_EXECUTION: Final = frozenset(
    ("ProcessingJobName", "TrainingJobName", "RoleArn", "ExperimentConfig", "Tags")
)


def may_outputs_be_reused(*, then: State, otherwise: State) -> steps.Choice:
    """Look for earlier outputs only where the execution, or the stack, says so."""
    choice = steps.Choice(
        names.MAY_OUTPUTS_BE_REUSED, comment="By the stack or the execution; see docs/caching.md"
    )
    choice.add_choice(_holds("$.cache.may_reuse"), next_step=then)
    choice.default_choice(otherwise)
    return choice


def find_cached_outputs(
    *, preprocess_data: steps.Task, train_model: steps.Task, otherwise: State
) -> steps.Task:
    """Look the two jobs up by what their states would send, which is all that decides.

    A lookup that fails costs the jobs, and not the execution.
    """
    step = lambda_step(
        names.FIND_CACHED_OUTPUTS,
        "Looks for recorded outputs of the same image, code, data and settings",
        function_arn=names.FIND_CACHED_OUTPUTS_FUNCTION_ARN,
        payload={
            "Preprocessing": _decisive(preprocess_data),
            "Training": _decisive(train_model),
            "Processing": "$.processing",
            "Tuning": "$.tuning",
            "Gate": "$.gate",
            "ExpiresAfterSeconds": "$.cache.expires_after_seconds",
        },
        result_path="$.cached",
    )
    _catch(step, "$.cached.failure", otherwise)
    return step


def what_is_cached(*, both: State, data: State, nothing: State) -> steps.Choice:
    """Skip the jobs whose outputs are there."""
    choice = steps.Choice(names.WHAT_IS_CACHED, comment="A model counts where its data is there")
    choice.add_choice(_holds("$.cached.has_model"), next_step=both)
    choice.add_choice(_holds("$.cached.has_data"), next_step=data)
    choice.default_choice(nothing)
    return choice


def reuse(state_name: str, what: str) -> steps.Pass:
    """Go on as if the jobs had run: with their answers, and the places of their outputs."""
    return steps.Pass(
        state_name,
        comment=f"Goes on with {what} of a recorded execution, which $.cached names",
        parameters={"state": "States.JsonMerge($, $.cached.state, false)"},
        output_path="$.state",
    )


def are_outputs_to_be_kept(*, then: State, otherwise: State) -> steps.Choice:
    """Keep what a model was made of that is good enough, also where a newer one stays recorded."""
    choice = steps.Choice(
        names.ARE_OUTPUTS_TO_BE_KEPT,
        comment="Where outputs may be reused and something new was made",
    )
    choice.add_choice(_holds("$.cached.to_keep"), next_step=then)
    choice.default_choice(otherwise)
    return choice


def keep_outputs(*, then: State) -> steps.Task:
    """Write down what the jobs made, for executions to come.

    What fails here comes after the release, and does not undo it.
    """
    step = lambda_step(
        names.KEEP_OUTPUTS,
        "Has executions to come reuse the outputs; a failure is told and nothing else",
        function_arn=names.KEEP_OUTPUTS_FUNCTION_ARN,
        payload={
            "ExecutionArn": "$$.Execution.Id",
            "ExecutionStartTime": "$$.Execution.StartTime",
            "Cached": "$.cached",
            "Preprocessing": "$.processing",
            "ProcessingJob": "$.processing_job",
            "TrainingJob": "$.training_job",
            "Tuned": "$.tuning.best",
        },
        result_path="$.kept",
    )
    _catch(step, "$.kept", then)
    return step


def _holds(path: str) -> Any:
    return steps.ChoiceRule.BooleanEquals(variable=path, value=True)


def _decisive(step: steps.Task) -> dict[str, Any]:
    parameters: dict[str, Any] = step.fields["parameters"]
    return {name: value for name, value in parameters.items() if name not in _OF_ONE_EXECUTION}


def _catch(step: steps.Task, result_path: str, next_step: State) -> None:
    step.add_catch(
        steps.Catch(error_equals=["States.ALL"], result_path=result_path, next_step=next_step)
    )
