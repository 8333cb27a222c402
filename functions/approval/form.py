"""The page's form: `decision` (approve or reject) and `comment`."""

import base64
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from plain import cut, one_line
from registry import APPROVED, REJECTED
from request import Request

COMMENT_MAXIMUM: Final = 1024
STATUSES: Final[Mapping[str, str]] = {"approve": APPROVED, "reject": REJECTED}
_CONTENT_TYPE: Final = "application/x-www-form-urlencoded"
_CHARSETS: Final = ("", "charset=utf-8")
_DESCRIPTION: Final = "through the approval page"
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
_DESCRIPTION_MAXIMUM: Final = 1024
# A comment takes 12 bytes a character at most, and Base64 a third more than the body.
_BODY_MAXIMUM_BYTES: Final = 16_384
_FIELDS_MAXIMUM: Final = 8


@dataclass(frozen=True)
class Decision:
    """What a person decided: the registry's status, and the comment on one line."""

    status: str
    comment: str

    @property
    def description(self) -> str:
        """The comment as the registry keeps it; its end is lost where both are too long."""
        described = f"{_DESCRIPTION}: {self.comment}" if self.comment else _DESCRIPTION
        return cut(described, _DESCRIPTION_MAXIMUM)


class UnusableForm(ValueError):  # noqa: N818 - it is no error of ours
    """A form that decides nothing; the text says to the person what is wrong with it."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


def parse_form(request: Request) -> Decision:
    """Return the decision that a POST carries.

    Raises:
        UnusableForm: the type, the size, the encoding or a field cannot be used.
    """
    _check_content_type(request.content_type)
    fields = _fields(_body(request))
    status = STATUSES.get(fields.get("decision", ""))
    if status is None:
        raise _bad("Choose one of the buttons: approve or reject.")
    comment = fields.get("comment", "").replace("\r\n", "\n")
    if len(comment) > COMMENT_MAXIMUM:
        raise _bad(
            f"The comment has {len(comment)} characters; {COMMENT_MAXIMUM} is the most. "
            "Go back and shorten it."
        )
    # The registry takes no line breaks.
    return Decision(status, one_line(comment))


def _check_content_type(content_type: str) -> None:
    media_type, _, parameters = content_type.lower().partition(";")
    if media_type.strip() != _CONTENT_TYPE or parameters.strip() not in _CHARSETS:
        raise UnusableForm(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The form has to be sent as {_CONTENT_TYPE} in UTF-8, as the page sends it.",
        )


def _body(request: Request) -> str:
    limit = _BODY_MAXIMUM_BYTES * (4 if request.is_base64_encoded else 3) // 3
    if len(request.body) > limit:
        raise UnusableForm(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The form is too large; the comment may have {COMMENT_MAXIMUM} characters.",
        )
    if not request.is_base64_encoded:
        return request.body
    try:
        return base64.b64decode(request.body, validate=True).decode()
    except ValueError as error:
        raise _bad("The form is not UTF-8; send it as the page sends it.") from error


def _fields(body: str) -> Mapping[str, str]:
    try:
        pairs = urllib.parse.parse_qsl(
            body,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_FIELDS_MAXIMUM,
        )
    except ValueError as error:
        raise _bad("The form cannot be read; send it as the page sends it.") from error
    fields = dict(pairs)
    if len(fields) != len(pairs) or not fields.keys() <= {"decision", "comment"}:
        raise _bad("The form holds fields that the page does not have, or one of them twice.")
    return fields


def _bad(text: str) -> UnusableForm:
    return UnusableForm(HTTPStatus.BAD_REQUEST, text)
