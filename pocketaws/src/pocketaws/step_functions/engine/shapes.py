"""Requests and answers of services, from a task's parameters and to a task's result.

Both go by botocore's shapes: what a field is decides what becomes of it, not its name.
"""

import base64
import datetime
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.response import StreamingBody

from pocketaws.step_functions.engine.documents import json_text

Naming = Callable[[str], str]
TimeTold = Callable[[datetime.datetime], Any]


def request(value: Any, shape: Shape | None, *, named: Naming) -> Any:
    """Return a task's parameters as botocore takes them.

    Text fields take any JSON value as its text, as blobs do; a blob that is a text is JSON, too,
    with its quotes.

    Args:
        value: the parameters.
        shape: of the request; None where the call takes nothing.
        named: gives the name that a member of a structure has in the parameters.
    """
    if shape is None:
        return {}
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return _members(value, shape, named)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [request(item, shape.member, named=named) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: request(item, shape.value, named=named) for key, item in value.items()}
    return _plain_request(value, shape)


def _plain_request(value: Any, shape: Shape) -> Any:
    if shape.type_name == "blob" and not isinstance(value, bytes):
        return json_text(value).encode()
    if shape.type_name == "string" and not isinstance(value, str) and value is not None:
        return json_text(value)
    return value


def _members(value: Mapping[str, Any], shape: StructureShape, named: Naming) -> dict[str, Any]:
    members = {named(name): name for name in shape.members}
    return {
        members[key]: request(item, shape.members[members[key]], named=named)
        for key, item in value.items()
        if key in members and item is not None
    }


def answer(value: Any, shape: Shape | None, *, named: Naming, time_told: TimeTold) -> Any:
    """Return a service's answer as a task's result has it.

    Args:
        value: of botocore.
        shape: of the answer.
        named: gives the name that a member of a structure has in the result.
        time_told: gives what a time becomes.
    """
    if isinstance(value, StreamingBody):
        return _text(value.read())
    if isinstance(value, bytes | bytearray):
        return _text(bytes(value))
    if isinstance(value, datetime.datetime):
        return time_told(value)
    if isinstance(value, dict):
        return _answered_members(value, shape, named, time_told)
    if isinstance(value, list):
        member = getattr(shape, "member", None)
        return [answer(item, member, named=named, time_told=time_told) for item in value]
    return value


def _answered_members(
    value: Mapping[str, Any], shape: Shape | None, named: Naming, time_told: TimeTold
) -> Any:
    if shape is not None and shape.type_name == "string":
        # A policy: botocore reads it, the SDK for Java gives it as it came.
        return quote(json_text(value), safe="")
    if isinstance(shape, StructureShape):
        return {
            named(key): answer(item, shape.members[key], named=named, time_told=time_told)
            for key, item in value.items()
            if key in shape.members
        }
    of_each = getattr(shape, "value", None)
    return {
        key: answer(item, of_each, named=named, time_told=time_told) for key, item in value.items()
    }


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()
