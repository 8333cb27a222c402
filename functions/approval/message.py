"""The message that asks a person: what, why, with which numbers, how to decide, and until when.

Limits: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from link import version_of
from plain import cut, moment, one_line, printable
from question import Question
from report_link import report_line

KIND: Final = "approval"
# Less than 100 characters, and 256 KiB with the attributes.
_SUBJECT_MAXIMUM: Final = 99
_TEXT_MAXIMUM_BYTES: Final = 200_000


@dataclass(frozen=True)
class Message:
    """What is published: a subject of ASCII on one line, and a text."""

    subject: str
    text: str


def compose(
    question: Question, *, link_url: str | None, reports_uri: str, expires_at: int
) -> Message:
    """Return the message; without a link where the stack has no approval page."""
    name, version = question.execution.state_machine_name, version_of(question.model_package_arn)
    subject = one_line(f"Approval needed: {name}, version {version}, {question.model_name}")
    paragraphs = [
        [f"{name} trained a model that is good enough, and a person has to approve it."],
        [
            f"Model: {question.model_name}",
            f"Model package: {question.model_package_arn}",
            f"Why you are asked: {question.approval_reason}",
            f"Why it passed the gate: {question.reason}",
        ],
        [
            *question.numbers,
            *([question.compared] if question.compared else []),
            *([f"Data: {question.left_out}"] if question.left_out else []),
        ],
        _page(link_url),
        _command(question, without_page=link_url is None),
        [f"Decide until {moment(expires_at)}.", "After that the model is not released."],
        _where(question, reports_uri),
    ]
    return Message(
        subject=cut(subject.encode("ascii", "replace").decode(), _SUBJECT_MAXIMUM),
        text=_joined(paragraphs),
    )


def _page(link_url: str | None) -> list[str]:
    if link_url is None:
        return []
    return [
        "Look at it and decide here (whoever has this link can decide; do not pass it on):",
        link_url,
    ]


def _command(question: Question, *, without_page: bool) -> list[str]:
    region = question.model_package_arn.split(":")[3]
    command = (
        f"aws sagemaker update-model-package --region {region} "
        f"--model-package-arn {question.model_package_arn} "
        "--model-approval-status Approved --approval-description 'why'"
    )
    return [
        "Decide with the AWS CLI:" if without_page else "Or decide with the AWS CLI:",
        command,
        "(or Rejected in place of Approved)",
    ]


def _where(question: Question, reports_uri: str) -> list[str]:
    execution = question.execution
    return [
        report_line(execution, reports_uri),
        f"Execution: {execution.name}",
        execution.console_url or execution.arn,
    ]


def _joined(paragraphs: Sequence[Sequence[str]]) -> str:
    text = "\n\n".join("\n".join(lines) for lines in paragraphs if lines)
    return printable(text).encode()[:_TEXT_MAXIMUM_BYTES].decode(errors="ignore")
