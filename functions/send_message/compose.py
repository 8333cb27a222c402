"""The message about an execution, in plain words: what happened, why, with which numbers.

Of the execution's state these keys are read, and nothing else leaves it: `failures` (of the states
that failed), `judgement` (functions/read_evaluation), `production.note`
(functions/find_production_model), `tuning.best` (what was searched for and found),
`batch` and `batch_job.ExitMessage` (jobs/encode_batch.py), `processing_job.ExitMessage` (which rows
jobs/preprocess.py left out), `cached.note` and `cached.failure` (functions/cached_outputs) and
`recorded` (functions/record_model_name).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from batch import batch_lines
from execution import Execution, parse_execution
from failures import Failure, failures_of, own_error_name
from fitting import cut, subject_of, text_of
from judgement import Judgement, judgement_of
from reasons import reason_of
from report_link import report_line
from tuned import tuned_lines

_REASON_MAXIMUM: Final = 4_000
_LEFT_OUT_MAXIMUM: Final = 1_024
# A Fail state takes 256 and 32,768 characters:
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html
_ERROR_MAXIMUM: Final = 256
_CAUSE_MAXIMUM: Final = 32_000


@dataclass(frozen=True)
class Message:
    """What is published, and what the execution's last state shows (None after a release)."""

    kind: str
    subject: str
    text: str
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True)
class _Draft:
    """A message before it is fitted to what SNS takes: paragraphs of lines."""

    subject: str
    paragraphs: Sequence[Sequence[str]]
    error: str | None = None
    cause: str | None = None


def compose(event: Mapping[str, Any], *, reports_uri: str) -> Message:
    """Return the message that an event asks for.

    Args:
        event: of the handler.
        reports_uri: S3 prefix of the executions' reports.

    Raises:
        ValueError: the kind is not known, the ARN is none, or the state of a judged model lacks
            what the message has to say. A failure is told whatever the state holds.
    """
    kind, state = event.get("Kind"), event.get("State")
    draft_of = _DRAFTS.get(kind) if isinstance(kind, str) else None
    if draft_of is None:
        raise ValueError(f"Kind must be one of {', '.join(_DRAFTS)}, got {kind!r}")
    if not isinstance(state, Mapping):
        raise ValueError(  # noqa: TRY004 - one kind of error for all fields
            f"State must be the execution's state, an object, not {type(state).__name__}"
        )
    execution = parse_execution(event.get("ExecutionArn"))
    draft = draft_of(execution, state)
    paragraphs = [*draft.paragraphs, _where(execution, reports_uri)]
    return Message(
        kind=str(kind),
        subject=subject_of(draft.subject),
        text=text_of(paragraphs),
        error=draft.error and draft.error[:_ERROR_MAXIMUM],
        cause=None if draft.cause is None else cut(draft.cause, _CAUSE_MAXIMUM),
    )


def _released(execution: Execution, state: Mapping[str, Any]) -> _Draft:
    judgement = _required_judgement(state)
    recorded = state.get("recorded")
    if not isinstance(recorded, Mapping) or not recorded.get("ModelName"):
        raise ValueError("State.recorded must be the output of record_model_name")
    if recorded.get("Recorded") is False:
        return _not_recorded(execution, state, recorded)
    name = execution.state_machine_name
    version = f"version {recorded.get('ParameterVersion')}"
    # Of the batch: whatever else had failed would have kept the model from being released.
    failures = failures_of(state)
    but = ", without its predictions" if failures else ""
    return _Draft(
        subject=f"Model released{but}: {name}, {judgement.in_short}",
        paragraphs=[
            [f"{name} released a model{but}."],
            [
                f"Model: {recorded['ModelName']}",
                f"Recorded in: {recorded.get('ParameterName')}, {version}",
                *_registered(state),
                f"Why: {judgement.reason}",
                *_approved(state),
            ],
            [*judgement.numbers, *_compared(state)],
            batch_lines(state, missed="see below" if failures else ""),
            *(_failure_lines(failure) for failure in failures),
        ],
    )


def _not_recorded(
    execution: Execution, state: Mapping[str, Any], recorded: Mapping[str, Any]
) -> _Draft:
    judgement = _required_judgement(state)
    name = execution.state_machine_name
    return _Draft(
        subject=f"Model not released, a newer one stays: {name}, {judgement.in_short}",
        paragraphs=[
            [f"{name} created a model that was good enough, and a newer one stays released."],
            [f"Model: {recorded['ModelName']}", f"Why: {recorded.get('Reason')}"],
            judgement.numbers,
            batch_lines(state, missed="since another model is the released one"),
        ],
    )


def _rejected(execution: Execution, state: Mapping[str, Any]) -> _Draft:
    judgement = _required_judgement(state)
    name = execution.state_machine_name
    return _Draft(
        subject=f"Model rejected: {name}, {judgement.in_short}",
        paragraphs=[
            [f"{name} rejected the model that it trained; nothing was created or released."],
            [f"Why: {judgement.reason}"],
            [*judgement.numbers, *_compared(state)],
        ],
        error="ModelRejected",
        cause=judgement.reason,
    )


def _refused(execution: Execution, state: Mapping[str, Any]) -> _Draft:
    judgement = _required_judgement(state)
    refusal = state.get("refusal")
    reason = refusal.get("Cause") if isinstance(refusal, Mapping) else None
    if not reason:
        raise ValueError("State.refusal must be the error that the approval ended with")
    name = execution.state_machine_name
    return _Draft(
        subject=f"Model not approved: {name}, {judgement.in_short}",
        paragraphs=[
            [f"A model of {name} was good enough and not approved; nothing was released."],
            [*_registered(state), f"Why: {reason}", f"The gate: {judgement.reason}"],
            [*judgement.numbers, *_compared(state)],
        ],
        error="ModelRejected",
        cause=str(reason),
    )


def _failed(execution: Execution, state: Mapping[str, Any]) -> _Draft:
    failures = failures_of(state) or [_UNKNOWN_FAILURE]
    judgement = judgement_of(state)
    name, first = execution.state_machine_name, failures[0]
    return _Draft(
        subject=f"Execution failed: {name}, {first.state_name}, {first.error}",
        paragraphs=[
            [f"An execution of {name} failed."],
            *(_failure_lines(failure) for failure in failures),
            [*judgement.numbers, *_compared(state)] if judgement else [],
        ],
        error=own_error_name(first.error),
        cause=first.reason,
    )


def _failure_lines(failure: Failure) -> list[str]:
    return [
        f"State: {failure.state_name}",
        f"Error: {failure.error}",
        f"Why: {cut(failure.reason, _REASON_MAXIMUM)}",
        *([f"Job: {failure.job_name}"] if failure.job_name else []),
    ]


def _required_judgement(state: Mapping[str, Any]) -> Judgement:
    judgement = judgement_of(state)
    if judgement is None:
        raise ValueError("State.judgement must be the output of read_evaluation")
    return judgement


def _compared(state: Mapping[str, Any]) -> list[str]:
    """Say what was compared with, tuned, left out of the data and reused."""
    production, job = state.get("production"), state.get("processing_job")
    note = production.get("note") if isinstance(production, Mapping) else None
    left_out = job.get("ExitMessage") if isinstance(job, Mapping) else None
    return [
        *([str(note)] if note else []),
        *tuned_lines(state),
        *([f"Data: {cut(str(left_out), _LEFT_OUT_MAXIMUM)}"] if left_out else []),
        *_reused(state),
    ]


def _reused(state: Mapping[str, Any]) -> list[str]:
    """Say which jobs were answered with earlier outputs; nothing where that was not looked for."""
    cached = state.get("cached")
    found = cached if isinstance(cached, Mapping) else {}
    failure = found.get("failure")
    if isinstance(failure, Mapping):
        reason = reason_of(str(failure.get("Error")), str(failure.get("Cause"))).text
        return [f"Reused: nothing, as looking for it failed: {cut(reason, _REASON_MAXIMUM)}"]
    return [str(found["note"])] if found.get("note") else []


def _registered(state: Mapping[str, Any]) -> list[str]:
    package = state.get("package")
    arn = package.get("ModelPackageArn") if isinstance(package, Mapping) else None
    return [f"Model package: {arn}"] if arn else []


def _approved(state: Mapping[str, Any]) -> list[str]:
    """Say who or what approved the model, where the state holds it."""
    decision, judgement = state.get("decision"), state.get("judgement")
    if isinstance(decision, Mapping):
        by = f" by {decision['decided_by']}" if decision.get("decided_by") else ""
        said = f": {decision['description']}" if decision.get("description") else ""
        return [f"Approval: approved{by}{said}"]
    reason = judgement.get("approval_reason") if isinstance(judgement, Mapping) else None
    return [f"Approval: {reason}"] if reason else []


def _where(execution: Execution, reports_uri: str) -> list[str]:
    return [
        report_line(execution, reports_uri),
        f"Execution: {execution.name}",
        execution.console_url or execution.arn,
    ]


_UNKNOWN_FAILURE: Final = Failure(
    state_name="Unknown state",
    error="ExecutionFailed",
    reason="no state left its error in the execution's state; see the execution's history",
    job_name=None,
)
_DRAFTS: Final[Mapping[str, Callable[[Execution, Mapping[str, Any]], _Draft]]] = {
    "released": _released,
    "rejected": _rejected,
    "refused": _refused,
    "failed": _failed,
}
