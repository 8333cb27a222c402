"""How an execution ended, in a sentence, and what to do next."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from workflow.account.causes import plain_cause
from workflow.definition import names
from workflow.report.record import StateRun, Verdict

_FAIL: Final = "Fail"
_FAILED: Final = ("caught", "failed", "timed out", "stopped")
_REMEDIES: Final[Mapping[str, str]] = {
    "InvalidExecutionInput": "Correct the input, which docs/execution-input.md lists, and start "
    "another execution.",
    "States.Timeout": "Allow more time (the settings that end in _seconds), or take a larger "
    "instance.",
    "ApprovalNotAnswered": "Start another execution, and answer it in time.",
}
_OF_THE_BATCH: Final = (names.ENCODE_BATCH, names.PREDICT_BATCH)
_READ: Final = (
    "Read the state's error and its job's last log lines below; docs/states.md lists every error "
    "and what it leads to."
)
_RELEASED: Final = (
    (
        "Ask it for predictions: `python -m workflow serve` on this machine, or deploy "
        "endpoint.yaml (docs/deploy.md)."
    ),
)
_REJECTED: Final = (
    (
        "Look below at where its errors are large; change the hyperparameters or the data, and run "
        "again."
    ),
    (
        "Where the limit itself is wrong, give another one: max_mse or max_mse_increase in the "
        "execution's input (docs/execution-input.md)."
    ),
)
_REFUSED: Final = (
    (
        "Nothing was released. The version stays in the registry as rejected, with the comment; "
        "train again with what it asks for."
    ),
)


def verdict_of(
    described: Mapping[str, Any], states: Sequence[StateRun], document: Mapping[str, Any]
) -> Verdict:
    """Judge an execution by its status and the states that it went through.

    Args:
        described: the answer of DescribeExecution.
        states: in the order of entering.
        document: the execution's state as its last state got it.
    """
    status, last = described["status"], states[-1].name if states else ""
    if status == "RUNNING":
        return _running(states)
    if status == "SUCCEEDED":
        return _released(states, document)
    cause = plain_cause(described.get("cause")) or "no reason was given"
    if last == names.MODEL_REJECTED:
        return Verdict("rejected", f"The model was rejected: {cause}.", _REJECTED)
    if last == names.MODEL_NOT_APPROVED:
        return Verdict("refused", f"A person did not approve the model: {cause}.", _REFUSED)
    return _failed(described, states, cause)


def _running(states: Sequence[StateRun]) -> Verdict:
    at = f" in {states[-1].name!r}" if states else ""
    steps = ("Make the report again once it has ended.",)
    if states and states[-1].name == names.WAIT_FOR_APPROVAL:
        steps = ("A person has to decide: the message has the link to the page.",)
    return Verdict("running", f"The execution is running{at}.", steps)


def _released(states: Sequence[StateRun], document: Mapping[str, Any]) -> Verdict:
    recorded = _mapping(document.get("recorded"))
    reason = _mapping(document.get("judgement")).get("reason")
    steps = [_mending(state) for state in states if state.status == "caught"]
    if recorded.get("Recorded") is False:
        sentence = f"The model is good enough, and a newer one stays: {recorded.get('Reason')}."
        return Verdict("kept", sentence, steps)
    name = recorded.get("ModelName")
    if name is None:
        return Verdict("released", "The execution succeeded.", steps)
    return Verdict("released", f"Model {name} was released: {reason}.", [*steps, *_RELEASED])


def _mending(state: StateRun) -> str:
    """Return what to do about a state that failed after the release."""
    failed = f"{state.name!r} failed with {state.error}"
    if state.name in _OF_THE_BATCH:
        return f"The batch was not predicted for: {failed}; mend that, and start another execution."
    return f"Nobody was told: {failed}; mend the topic or its role."


def _failed(described: Mapping[str, Any], states: Sequence[StateRun], cause: str) -> Verdict:
    failed = next((state for state in states if state.status in _FAILED), None)
    state_name = failed.name if failed else None
    place = f" in {state_name!r}" if state_name else ""
    error = described.get("error")
    reason = f"{error}: {cause}" if error else cause
    kind, verb, steps = {
        "TIMED_OUT": ("timed out", "took too long", (_REMEDIES["States.Timeout"],)),
        "ABORTED": ("stopped", "was stopped", ("Start another one when it can go on.",)),
    }.get(described["status"], ("failed", "failed", _steps(error, states)))
    text = f"The execution {verb}{place}: {reason.rstrip('.')}."
    return Verdict(kind, text, steps, state_name)


def _steps(error: str | None, states: Sequence[StateRun]) -> tuple[str, ...]:
    remedy = _REMEDIES.get(error or "")
    if remedy is not None:
        return (remedy,)
    # A redrive goes on in the state that ended the execution:
    # https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
    if states and states[-1].type == _FAIL:
        return _READ, "Once the cause is mended, start another execution."
    return (
        _READ,
        "Once the cause is mended, redrive the execution in the console, or start another one.",
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
