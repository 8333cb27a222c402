"""What moto does not have: a service, or an operation of one, each refused by its name."""

import difflib
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from moto import backends
from moto.core import responses
from moto.core.responses import BaseResponse

from pocketaws.change import Change
from pocketaws.service_models import operation_names

_TOLD: Final = 8
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
_S3_NOT_THERE: Final = (
    "abac",
    "analytics",
    "annotation",
    "intelligent-tiering",
    "metadataAnnotationTable",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "renameObject",
    "session",
)


class NotThereError(Exception):
    """A call is valid and not emulated; the text says what is."""


def changes() -> list[Change]:
    """Return what to change in moto's dispatch of requests."""
    return [Change(BaseResponse, "call_action", _call_action())]


def no_service(host: str) -> NotThereError:
    """Return the error of a service that is not emulated.

    Args:
        host: of the service, such as "kendra.us-east-1.amazonaws.com".
    """
    name = host.partition(".")[0]
    there = ", ".join(sorted(set(backends.list_of_moto_modules())))
    return NotThereError(f"the service {name} is not emulated here; there are: {there}")


def no_operation(service: str, operation: str, there: list[str] | None = None) -> NotThereError:
    """Return the error of an operation that is not emulated.

    Args:
        service: as it is called.
        operation: its name.
        there: the operations that are emulated; None where that is not known.
    """
    text = f"{service}:{operation} is not emulated here"
    if there:
        near = difflib.get_close_matches(operation, there, _TOLD, cutoff=0) if operation else there
        shown = ", ".join(sorted(near))
        text += f"; of {service} there are {len(there)} operations, the nearest by name: {shown}"
    return NotThereError(text)


def check_subresource(service: str, query: str) -> None:
    """Refuse what S3 has of a bucket or an object and moto takes for the whole of it.

    Raises:
        NotThereError: the query names it.
    """
    if service != "s3":
        return
    for name, _ in parse_qsl(query, keep_blank_values=True):
        if name in _S3_NOT_THERE:
            raise NotThereError(f"s3: ?{name} is not emulated here")


def _call_action() -> Callable[[BaseResponse], Any]:
    original = BaseResponse.call_action

    def call_action(self: BaseResponse) -> Any:
        try:
            return original(self)
        except NotImplementedError as error:
            asked = self._get_action()
            there = operations(self)
            if asked not in there:
                raise no_operation(self.service_name, asked, there) from error
            raise NotThereError(f"{self.service_name}:{asked}: {error}") from error

    return call_action


def operations(answering: BaseResponse) -> list[str]:
    """Return the operations that an answering class has, by botocore's names."""
    methods = set(responses.method_names_from_class(type(answering)))
    try:
        names = operation_names(answering.service_name)
    except UnknownServiceError:
        return []
    return [name for name in names if xform_name(name) in methods]
