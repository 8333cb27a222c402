"""SageMaker's runtime: InvokeEndpoint reaches the endpoint's container.

moto would read the body as text and as a query; so its handler is not called at all.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from moto.sagemakerruntime import urls

from pocketaws.change import Change
from pocketaws.errors import ServiceError
from pocketaws.sagemaker.endpoints.invocations import (
    EndpointInvocation,
    Invocations,
    ModelError,
    TooLargeError,
)

_INVOCATIONS_PATH: Final = "{0}/endpoints/(?P<name>[^/]+)/invocations$"
_ASYNC_PATH: Final = "{0}/endpoints/(?P<name>[^/]+)/async-invocations$"

Answer = tuple[int, dict[str, str], bytes]


def changes(invocations: Invocations) -> list[Change]:
    """Return what to change in moto's SageMaker runtime."""
    paths = {_INVOCATIONS_PATH: _invoke_endpoint(invocations), _ASYNC_PATH: _no_async_endpoint}
    return [Change(urls, "url_paths", paths)]


def _invoke_endpoint(invocations: Invocations) -> Callable[[Any, str, Any], Answer]:
    def invoke_endpoint(request: Any, _: str, headers: dict[str, str]) -> Answer:
        invocation = EndpointInvocation(
            endpoint_name=request.path.split("/")[2],
            body=request.get_data(),
            headers={name.lower(): value for name, value in headers.items()},
        )
        try:
            result = invocations.invoke(invocation)
        except ServiceError as error:
            return _failed(HTTPStatus.BAD_REQUEST, error.code, {"Message": str(error)})
        except ModelError as error:
            return _failed(HTTPStatus.FAILED_DEPENDENCY, "ModelError", error.members)
        except TooLargeError as error:
            # The front answers without a code, and clients name the error by its status.
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            body = json.dumps({"message": str(error)}).encode()
            return status.value, {"Content-Type": "application/json"}, body
        return HTTPStatus.OK.value, dict(result.headers), result.body

    return invoke_endpoint


def _no_async_endpoint(*_: Any) -> Answer:
    text = "asynchronous inference is not served locally; use InvokeEndpoint"
    return _failed(HTTPStatus.BAD_REQUEST, "ValidationError", {"Message": text})


def _failed(status: HTTPStatus, code: str, members: Any) -> Answer:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    return status.value, headers, json.dumps(members).encode()
