"""Calls of the services that speak REST with JSON, told by method and path as botocore has them.

https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
"""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from botocore.model import OperationModel, StructureShape

from pocketaws.calls.typed import as_asked
from pocketaws.service_models import operation_model, operation_names

_PLACEHOLDER = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True)
class HttpRequest:
    """What is read of a request.

    Attributes:
        path: without the query, decoded.
        headers: by their names in small letters.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class RestCall(NamedTuple):
    """A call that a path belongs to.

    Attributes:
        request: its members; None where the body is not JSON.
    """

    operation: str
    request: Any


class _Route(NamedTuple):
    method: str
    pattern: re.Pattern[str]
    model: OperationModel


def rest_call_of(service: str, request: HttpRequest) -> RestCall | None:
    """Return the call of a service that a request is; None where it has none there."""
    for route in _routes(service):
        match = route.pattern.fullmatch(request.path) if route.method == request.method else None
        if match is not None:
            return RestCall(route.model.name, _members(route.model, match.groupdict(), request))
    return None


@functools.cache
def _routes(service: str) -> tuple[_Route, ...]:
    routes = []
    for name in operation_names(service):
        model = operation_model(service, name)
        assert model is not None, "the names are the service's"  # noqa: S101
        path = model.http["requestUri"].partition("?")[0]
        routes.append(_Route(model.http["method"], _pattern(path), model))
    return tuple(routes)


def _pattern(path: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(path.rstrip("/"))
    # Text, name and a plus sign where slashes are part of the value, in turns.
    names, greedy = parts[1::3], parts[2::3]
    text = re.escape(parts[0])
    for name, plus, rest in zip(names, greedy, parts[3::3], strict=True):
        text += f"(?P<{name}>{'.+' if plus else '[^/]+'}){re.escape(rest)}"
    return re.compile(f"{text}/?")


def _members(model: OperationModel, labels: Mapping[str, str], request: HttpRequest) -> Any:
    shape = model.input_shape
    if shape is None:
        return {}
    places = {"uri": labels, "querystring": request.query, "header": request.headers}
    members: dict[str, Any] = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        key = wire.lower() if location == "header" else wire
        if location in places and key in places[location]:
            members[name] = places[location][key]
    try:
        return as_asked({**members, **_body(shape, request.body)}, shape)
    except ValueError:
        return None


def _body(shape: StructureShape, body: bytes) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name in ("blob", "string"):
        return {payload: body} if body else {}
    document = json.loads(body or b"{}")
    if payload:
        return {payload: document}
    if not isinstance(document, dict):
        raise ValueError("the body is no object")  # noqa: TRY004 - the text is wrong
    return {
        name: document[wire]
        for name, member in shape.members.items()
        if "location" not in member.serialization
        and (wire := member.serialization.get("name", name)) in document
    }
