"""What the waiting state asks: the event of `ask.lambda_handler`, checked and made a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from execution import Execution, parse_execution
from plain import cut, one_line
from registry import is_package_arn

_LEFT_OUT_MAXIMUM: Final = 1_024


@dataclass(frozen=True)
class Question:
    """The event's fields; `compared` is empty where there was nothing to compare with.

    `left_out` says which rows of the data were left out; empty where preprocessing did not.
    """

    task_token: str = field(repr=False)
    execution: Execution
    model_package_arn: str
    model_name: str
    reason: str
    approval_reason: str
    numbers: tuple[str, ...]
    compared: str
    left_out: str
    evaluation_uri: str
    timeout_seconds: int


def parse_question(event: Mapping[str, Any]) -> Question:
    """Return the question that an event asks, or raise ValueError saying what is wrong."""
    return Question(
        task_token=_task_token(event),
        execution=parse_execution(event.get("ExecutionArn")),
        model_package_arn=_model_package_arn(event),
        model_name=_text(event, "ModelName"),
        reason=_text(event, "Reason"),
        approval_reason=_text(event, "ApprovalReason"),
        numbers=_numbers(event),
        compared=_compared(event),
        left_out=_left_out(event),
        evaluation_uri=_text(event, "EvaluationUri"),
        timeout_seconds=_timeout_seconds(event),
    )


def _task_token(event: Mapping[str, Any]) -> str:
    token = event.get("TaskToken")
    if not isinstance(token, str) or not token:
        # The value stays out: whoever holds the token can resume the execution.
        raise ValueError(
            f"TaskToken must be $$.Task.Token of a state with waitForTaskToken, "
            f"got {type(token).__name__}"
        )
    return token


def _model_package_arn(event: Mapping[str, Any]) -> str:
    arn = event.get("ModelPackageArn")
    if not is_package_arn(arn):
        raise ValueError(
            "ModelPackageArn must be the ARN of a version of a model package group, such as "
            f"arn:PARTITION:sagemaker:REGION:ACCOUNT:model-package/GROUP/3, got {arn!r}"
        )
    return str(arn)


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} must be a text that is not empty, got {value!r}")
    return value


def _compared(event: Mapping[str, Any]) -> str:
    value = event.get("Compared") or ""
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - one kind of error for all fields
            f"Compared must be a sentence or null, got {value!r}"
        )
    return value


def _left_out(event: Mapping[str, Any]) -> str:
    """Return the last words of the job, which are for people; a decision does not hang on them."""
    job = event.get("Preprocessing")
    told = job.get("ExitMessage") if isinstance(job, Mapping) else None
    return cut(one_line(told), _LEFT_OUT_MAXIMUM) if isinstance(told, str) else ""


def _numbers(event: Mapping[str, Any]) -> tuple[str, ...]:
    lines = event.get("Numbers")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ValueError(f"Numbers must be a list of lines of text, got {lines!r}")
    return tuple(lines)


def _timeout_seconds(event: Mapping[str, Any]) -> int:
    seconds = event.get("TimeoutSeconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 1:
        raise ValueError(
            f"TimeoutSeconds must be the state's own, a whole number from 1, got {seconds!r}"
        )
    return seconds
