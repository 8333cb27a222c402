"""The state machines' definitions: the states joined, and rendered as Amazon States Language.

The rendered texts are committed beside this module as `definition.asl.json`, the workflow, and
`monitor.asl.json`, which watches its endpoint; SAM deploys those files and the local runtime runs
them, so neither needs the SDK.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from sagemaker.session import Session

from workflow.definition import names
from workflow.definition.one_reader import one_reader
from workflow.definition.sdk import Graph, State
from workflow.definition.sdk import steps as sdk
from workflow.definition.steps import (
    batch,
    caching,
    gate,
    jobs,
    messages,
    monitoring,
    prepare,
    registry,
    release,
    shared,
)

MONITOR_COMMENT: Final = "Compare the calls of a window with the baseline, and publish what moved"
COMMENT: Final = "Preprocess, train, judge; register, approve and record what is good enough"

# What a tuning job's answer leaves in the state; the definition of its jobs stays outside.
_BEST: Final = "$.BestTrainingJob"
_BEST_METRIC: Final = f"{_BEST}.FinalHyperParameterTuningJobObjectiveMetric"
_KEPT_OF_TUNING: Final = {
    "hyperparameters": f"{_BEST}.TunedHyperParameters",
    "job_name": "$.HyperParameterTuningJobName",
    "training_job_name": f"{_BEST}.TrainingJobName",
    "metric": f"{_BEST_METRIC}.MetricName",
    "value": f"{_BEST_METRIC}.Value",
    "jobs": "$.TrainingJobStatusCounters",
}
# What a function's answer leaves in the state, by the name of the state that calls it.
_KEPT: Final[dict[str, tuple[str, ...]]] = {
    names.START_TRIAL: ("experiment_name", "trial_name"),
    names.FIND_CACHED_OUTPUTS: (
        *("has_data", "has_model", "to_keep", "keys", "inputs", "looked_at", "state"),
        *("note", "lineage", "jobs"),
    ),
    names.FIND_PRODUCTION_MODEL: ("model_name", "parameter_version", "note", "inputs", "arguments"),
    names.READ_EVALUATION: (
        *("metric", "value", "production_value", "threshold", "allowed", "lower_is_better"),
        *("metrics", "mse", "rmse", "mae", "r2", "rows"),
        *("production_mse", "allowed_mse", "max_mse", "reason", "numbers"),
        *("approval_status", "approval_reason", "model_metrics", "drift_check_baselines"),
    ),
    names.RECORD_MODEL_NAME: (
        "ModelName",
        "ParameterName",
        "ParameterVersion",
        "Recorded",
        "Reason",
    ),
    **dict.fromkeys(
        (names.TELL_RELEASED, names.TELL_REJECTED, names.TELL_REFUSED, names.TELL_FAILED),
        ("message_id", "error", "cause"),
    ),
}
# A Fail state may not take a name of Step Functions' own (docs/states.md), and the Cause of a task
# is JSON: a function's error, or a job's description with what the job itself said.
_FAILURE: Final = "$failure := $states.input.failures.*; "
_ERROR: Final = (
    _FAILURE + "$own := {'States.TaskFailed': 'JobFailed', 'States.Timeout': 'TaskTimedOut'}; "
    "$named := $lookup($own, $failure.Error); "
    "$named ? $named : $replace($failure.Error, 'States.', '')"
)
_CAUSE: Final = (
    _FAILURE + "$cause := $failure.Cause ? $failure.Cause : 'no cause was given'; "
    "$is_json := $substring($cause, 0, 1) = '{' and $substring($cause, -1) = '}'; "
    "$told := $is_json ? $parse($cause) : {}; "
    "$told.errorMessage ? $told.errorMessage : $told.ExitMessage ? $told.ExitMessage : "
    "$told.FailureReason ? $told.FailureReason : $told.ProcessingJobStatus ? "
    "'the status of the job is ' & $told.ProcessingJobStatus : $cause"
)
# Fields of the Amazon States Language that the SDK does not know, per state.
_MORE_FIELDS: Final[dict[str, dict[str, Any]]] = {
    **{
        name: {"ResultSelector": {key: f"$.Payload.{key}" for key in keys}}
        for name, keys in _KEPT.items()
    },
    names.TUNE_MODEL: {"ResultSelector": _KEPT_OF_TUNING},
    names.MODEL_REJECTED: {"CausePath": "$.judgement.reason"},
    names.MODEL_NOT_APPROVED: {"CausePath": "$.refusal.Cause"},
    names.EXECUTION_FAILED: {"ErrorPath": "$.message.error", "CausePath": "$.message.cause"},
    names.WINDOW_NOT_COMPARED: {
        "QueryLanguage": "JSONata",
        "Error": f"{{% ({_ERROR}) %}}",
        "Cause": f"{{% ({_CAUSE}) %}}",
    },
}
# Executions that were throttled together would otherwise come back together.
_MORE_RETRY_FIELDS: Final = {"MaxDelaySeconds": 600, "JitterStrategy": "FULL"}
_PARTITION: Final = re.compile("^arn:[^:]+:")
_PATH_STARTS: Final = ("$.", "$$.", "States.")


def build_definition() -> dict[str, Any]:
    """Return the definition as a dictionary in the Amazon States Language.

    Raises:
        ValueError: two states have the same name; see `names`.
    """
    # The SDK makes a session for every state.
    with one_reader():
        return _complete(_graph(shared.offline_session()))


class _Ends(NamedTuple):
    """The chains that end an execution which releases nothing, each with its message.

    Attributes:
        rejected: by the gate.
        refused: by a person.
        failed: before anything was registered.
        withdrawn: failed after it.
    """

    rejected: sdk.Chain
    refused: sdk.Chain
    failed: sdk.Chain
    withdrawn: sdk.Chain


def _graph(session: Session) -> dict[str, Any]:
    ends = _ends()
    releasing = _releasing(session, ends)
    judging = sdk.Chain(
        [
            gate.find_production_model(),
            jobs.evaluate_model(session),
            gate.read_evaluation(),
            gate.is_the_model_good_enough(then=releasing, otherwise=ends.rejected.steps[0]),
        ]
    )
    preprocess_data, tune_model, train_model = (
        make(session) for make in (jobs.preprocess_data, jobs.tune_model, jobs.train_model)
    )
    tuning = jobs.is_it_to_be_tuned(then=tune_model, otherwise=train_model)
    preprocess_data.next(tuning)
    sdk.Chain([tune_model, train_model, judging])
    reusing = _reusing(preprocess_data, train_model, training=tuning, judging=judging.steps[0])
    beginning = sdk.Chain(
        [prepare.take_input(), prepare.prepare_execution(), prepare.start_trial(), reusing]
    )
    _catch_failures(
        [*beginning, preprocess_data, tune_model, train_model, *judging], ends.failed.steps[0]
    )
    graph: dict[str, Any] = Graph(beginning, comment=COMMENT).to_dict()
    return graph


def _reusing(
    preprocess_data: sdk.Task, train_model: sdk.Task, *, training: State, judging: State
) -> State:
    """Return the first of the states that lead around jobs which need not run."""
    both = caching.reuse(names.REUSE_DATA_AND_MODEL, "the data and the model")
    data = caching.reuse(names.REUSE_DATA, "the data")
    both.next(judging)
    data.next(training)
    finding = caching.find_cached_outputs(
        preprocess_data=preprocess_data, train_model=train_model, otherwise=preprocess_data
    )
    finding.next(caching.what_is_cached(both=both, data=data, nothing=preprocess_data))
    return caching.may_outputs_be_reused(then=finding, otherwise=preprocess_data)


def _ends() -> _Ends:
    failed = sdk.Chain([messages.tell(names.TELL_FAILED, "failed"), messages.execution_failed()])
    ends = _Ends(
        rejected=sdk.Chain(
            [messages.tell(names.TELL_REJECTED, "rejected"), messages.model_rejected()]
        ),
        refused=sdk.Chain(
            [messages.tell(names.TELL_REFUSED, "refused"), messages.model_not_approved()]
        ),
        failed=failed,
        withdrawn=sdk.Chain([registry.withdraw_model_package(), failed]),
    )
    _catch_failures(failed, messages.failed_untold())
    _catch_failures(ends.withdrawn.steps[:1], failed.steps[0])
    # A rejected model is rejected, told or not.
    _catch_failures(ends.rejected, ends.rejected.steps[1])
    _catch_failures(ends.refused, ends.refused.steps[1])
    return ends


def _releasing(session: Session, ends: _Ends) -> State:
    """Return the first of the states that follow a good judgement."""
    told = sdk.Chain([messages.tell(names.TELL_RELEASED, "released"), messages.model_released()])
    predicting = sdk.Chain([batch.encode_batch(session), batch.predict_batch(session), told])
    is_there_a_batch = batch.is_there_a_batch(then=predicting.steps[0], otherwise=told.steps[0])
    keeping = caching.keep_outputs(then=is_there_a_batch)
    keeping.next(is_there_a_batch)
    recording = sdk.Chain(
        [
            release.record_model_name(),
            caching.are_outputs_to_be_kept(then=keeping, otherwise=is_there_a_batch),
        ]
    )
    waiting = registry.wait_for_approval()
    waiting.next(recording.steps[0])
    registering = sdk.Chain(
        [
            release.create_model(session),
            registry.register_model(),
            registry.does_a_person_decide(then=waiting, otherwise=recording.steps[0]),
        ]
    )
    registry.catch_refusal(waiting, ends.refused.steps[0])
    _catch_failures(registering, ends.failed.steps[0])
    _catch_failures([waiting, *recording.steps[:1]], ends.withdrawn.steps[0])
    # A released model is released, told or not, and whatever becomes of the batch.
    _catch_failures(told, told.steps[1])
    _catch_failures(predicting.steps[:2], told.steps[0])
    first: State = registering.steps[0]
    return first


def build_monitor() -> dict[str, Any]:
    """Return the definition of the monitor as a dictionary in the Amazon States Language."""
    with one_reader():
        session = shared.offline_session()
        publishing = sdk.Chain([monitoring.publish_window(), monitoring.window_published()])
        few, many = monitoring.compare_in_a_function(), monitoring.compare_in_a_job(session)
        for comparison in (few, many):
            comparison.next(publishing.steps[0])
        finding = monitoring.find_captures()
        chain = sdk.Chain([finding, monitoring.how_much_is_there(few=few, many=many)])
        tasks = [finding, few, many, publishing.steps[0]]
        _catch_failures(tasks, monitoring.window_not_compared())
        return _complete(Graph(chain, comment=MONITOR_COMMENT).to_dict())


def render() -> str:
    """Return the definition as the text that is committed: indented JSON with a final newline."""
    return _text_of(build_definition())


def render_monitor() -> str:
    """Return the monitor's definition as the text that is committed."""
    return _text_of(build_monitor())


def _text_of(definition: dict[str, Any]) -> str:
    return json.dumps(definition, indent=2, ensure_ascii=False) + "\n"


def _catch_failures(states: Iterable[State], next_state: State) -> None:
    """Send every failure of the tasks on, under a key of the state's own, which names it."""
    for state in states:
        if isinstance(state, sdk.Task):
            key = state.state_id.lower().replace(" ", "_")
            state.add_catch(
                sdk.Catch(
                    error_equals=["States.ALL"],
                    next_step=next_state,
                    result_path=f"$.failures.{key}",
                )
            )


def _complete(graph: dict[str, Any]) -> dict[str, Any]:
    definition = {"Comment": graph["Comment"], "StartAt": graph["StartAt"], "States": {}}
    for name, state in graph["States"].items():
        definition["States"][name] = _complete_state(state | _MORE_FIELDS.get(name, {}))
    return definition


def _complete_state(state: dict[str, Any]) -> dict[str, Any]:
    completed = {"Type": state["Type"], "Comment": state["Comment"]}
    completed |= {key: value for key, value in state.items() if key not in completed}
    if "Resource" in state:
        # The SDK writes the partition of the region it is built in; the stack knows its own.
        completed["Resource"] = _PARTITION.sub(f"arn:{names.PARTITION}:", state["Resource"])
    if "Retry" in state:
        completed["Retry"] = [retrier | _MORE_RETRY_FIELDS for retrier in state["Retry"]]
    for field in ("Parameters", "ResultSelector"):
        if field in state:
            completed[field] = _with_paths(state[field])
    return completed


def _with_paths(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_paths(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {f"{key}.$" if _is_path(item) else key: _with_paths(item) for key, item in value.items()}


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and (value == "$" or value.startswith(_PATH_STARTS))
