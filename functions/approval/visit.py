"""What a visit to the approval page does: who may see it, what it shows, what it decides."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import registry
import store
from answer import Answer, message
from botocore.exceptions import BotoCoreError, ClientError
from form import Decision, UnusableForm, parse_form
from link import package_arn, parse_link
from plain import moment
from registry import APPROVED, ModelPackage
from report import link_to, read_evaluation, read_report
from request import Request
from store import Approval, Table
from views import approval_page

LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)
_METHODS: Final = ("GET", "HEAD", "POST")
_RETRY_AFTER_SECONDS: Final = 5
_WORDS: Final = {APPROVED: "approved", registry.REJECTED: "rejected"}


@dataclass(frozen=True)
class Services:
    """What a visit works with: the table, the stack's model package group, and clients.

    Attributes:
        is_at_aws: whether the clients speak to AWS, whose console shows what they tell of.
    """

    table: Table
    model_package_group_arn: str
    sagemaker: Any
    stepfunctions: Any
    s3: Any
    is_at_aws: bool = True


def answer_to(request: Request, *, services: Services, now: int) -> Answer:
    """Return the page for a request; only a POST that decides changes anything.

    Raises:
        ClientError: a service refused; nothing was decided.
        BotoCoreError: a service cannot be reached; nothing was decided, or the registry shows it.
    """
    if request.method not in _METHODS:
        return message(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "This page is only read and sent",
            "It knows GET, HEAD and POST.",
            {"Allow": ", ".join(_METHODS)},
        )
    approval = _opened_by(request.query, services=services)
    if approval is None:
        return _forbidden()
    closed = _why_closed(approval, services=services, now=now)
    if closed is not None:
        return message(HTTPStatus.GONE, "There is nothing to decide any more", closed)
    if request.method == "POST":
        return _decided(approval, request, services=services, now=now)
    return approval_page(
        approval,
        read_evaluation(approval.evaluation_uri, s3=services.s3),
        read_report(approval.evaluation_uri, s3=services.s3),
        report_url=link_to(approval.report_uri, s3=services.s3),
        is_at_aws=services.is_at_aws,
    )


def unavailable() -> Answer:
    """Return the page that asks to try again."""
    return message(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "That did not work; please try again",
        "A service of AWS could not be reached or refused. Open the link again in a moment; it "
        "shows whether the model still waits. If it stays like this, decide with the command in "
        "the message.",
        {"Retry-After": str(_RETRY_AFTER_SECONDS)},
    )


def _opened_by(query: str, *, services: Services) -> Approval | None:
    link = parse_link(query)
    if link is None:
        return None
    arn = package_arn(services.model_package_group_arn, link.version)
    approval = store.get(arn, table=services.table)
    if approval is None or not link.opens(approval.link_sha256):
        return None
    return approval


def _forbidden() -> Answer:
    """Return the same words for every link that does not open, so that they give nothing away."""
    return message(
        HTTPStatus.FORBIDDEN,
        "This link does not open anything",
        "It is not complete, or a newer message has taken its place. Use the link of the newest "
        "message as it stands there.",
    )


def _why_closed(approval: Approval, *, services: Services, now: int) -> str | None:
    """Return why a question needs no answer any more; None where it does."""
    if approval.decision is not None:
        return f"This model was {_words(approval.decision)} already."
    package = registry.describe(approval.model_package_arn, sagemaker=services.sagemaker)
    if package is None:
        return "The model package is no longer in the registry."
    if package.status != registry.PENDING:
        return _decided_elsewhere(package)
    if approval.expires_at <= now:
        return f"The time to decide ended at {moment(approval.expires_at)}."
    if not _is_running(approval.execution_arn, stepfunctions=services.stepfunctions):
        return "The execution that asked has ended and no longer waits."
    return None


def _decided_elsewhere(package: ModelPackage) -> str:
    return f"This model was {_words(package.status)} already, as the model registry says."


def _decided(approval: Approval, request: Request, *, services: Services, now: int) -> Answer:
    """Decide, if the form says what and nobody else is at it."""
    try:
        decision = parse_form(request)
    except UnusableForm as error:
        return message(error.status, "Nothing was decided", str(error))
    claimed_until = store.claim(approval, now=now, table=services.table)
    if claimed_until is None:
        return message(
            HTTPStatus.GONE,
            "Somebody else was faster",
            "This model was decided already, or is being decided at this moment. Open the link "
            "again in a minute to see.",
        )
    if not _put_into_registry(approval, decision, services=services):
        store.release(approval, claimed_until, table=services.table)
        return unavailable()
    _close_link(approval, decision, table=services.table, now=now)
    return _thanks(decision)


def _put_into_registry(approval: Approval, decision: Decision, *, services: Services) -> bool:
    """Put a decision into the registry and return whether that worked."""
    arn = approval.model_package_arn
    try:
        registry.decide(arn, decision.status, decision.description, sagemaker=services.sagemaker)
    except (ClientError, BotoCoreError) as error:
        LOGGER.warning("%s: not decided: %s", arn, failure_of(error))
        return False
    LOGGER.info("%s: %s through the page", arn, _words(decision.status))
    return True


def _close_link(approval: Approval, decision: Decision, *, table: Table, now: int) -> None:
    try:
        store.close_link(approval, decision.status, now=now, table=table)
    except (ClientError, BotoCoreError) as error:
        # It is decided all the same, and the registry closes the link as well.
        LOGGER.warning("%s: not written down: %s", approval.model_package_arn, failure_of(error))


def _thanks(decision: Decision) -> Answer:
    if decision.status == APPROVED:
        text = "The execution goes on and releases the model. You can close this page."
    else:
        text = "The execution ends and the model is not released. You can close this page."
    return message(HTTPStatus.OK, f"The model was {_words(decision.status)}", text)


def failure_of(error: Exception) -> str:
    """Return what failed without its words, which may hold what was sent."""
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response['Error']['Code']}"
    return type(error).__name__


def _words(status: str) -> str:
    return _WORDS.get(status, "decided")


def _is_running(execution_arn: str, *, stepfunctions: Any) -> bool:
    """Return whether an execution can still be resumed."""
    try:
        found = stepfunctions.describe_execution(executionArn=execution_arn)
    except stepfunctions.exceptions.ExecutionDoesNotExist:
        return False
    return bool(found["status"] == "RUNNING")
