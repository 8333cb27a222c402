"""InvokeEndpoint: a request handed to the endpoint's container, and its answer as SageMaker's.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import datetime
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import urllib3

from pocketaws.errors import ServiceError
from pocketaws.sagemaker.endpoints.capture import Captures, CaptureSettings
from pocketaws.sagemaker.endpoints.configs import EndpointConfig
from pocketaws.sagemaker.endpoints.data_capture import Event, Payload
from pocketaws.sagemaker.endpoints.endpoints import LOOPBACK, Endpoints
from pocketaws.sagemaker.endpoints.state import EndpointState

# The limit of Body in botocore's model; the front lets 4096 bytes more pass, as the error for the
# earlier limit of 5 MB told: aws/sagemaker-python-sdk, issue 171.
_MAX_BYTES: Final = 6_291_456 + 4096
_SECONDS: Final = 60.0
_CONNECTIONS: Final = 32
# A connection that is kept open may just have been closed by a container that leaves.
_ATTEMPTS: Final = 3
_SERVING: Final = ("InService", "Updating", "RollingBack", "UpdateRollbackFailed")
_CUSTOM_ATTRIBUTES: Final = "X-Amzn-SageMaker-Custom-Attributes"
_INFERENCE_ID: Final = "X-Amzn-SageMaker-Inference-Id"
# Where the words of a model's error are known from.
_QUOTED_PARTITION: Final = "aws"
_TIMED_OUT: Final = (
    "Your invocation timed out while waiting for a response from container primary. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)


@dataclass(frozen=True)
class EndpointInvocation:
    """A call of InvokeEndpoint.

    Attributes:
        headers: by lower-case name.
    """

    endpoint_name: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InvocationResult:
    """What the caller gets.

    Attributes:
        headers: of the answer, the content's type included.
    """

    body: bytes
    headers: Mapping[str, str]


class ModelError(Exception):
    """The container answered with an error, or did not answer; 424 on AWS.

    Attributes:
        members: of the error, by the names of the API.
    """

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__(members["Message"])
        self.members = members


class TooLargeError(Exception):
    """The body is larger than the service takes; 413, which the API does not model."""


class Invocations:
    """Hands calls on, over connections that are kept."""

    def __init__(self, endpoints: Endpoints, captures: Captures) -> None:
        self._endpoints = endpoints
        self._captures = captures
        self._pools: dict[int, urllib3.HTTPConnectionPool] = {}
        self._lock = threading.Lock()

    def invoke(self, invocation: EndpointInvocation) -> InvocationResult:
        """Call an endpoint.

        Raises:
            ServiceError: there is no such endpoint in service, or the call is not for it.
            ModelError: its container failed.
            TooLargeError: the body is too large.
        """
        if len(invocation.body) > _MAX_BYTES:
            raise TooLargeError(f"HTTP content length exceeded {_MAX_BYTES} bytes.")
        endpoint = self._serving(invocation.endpoint_name)
        config = endpoint.config
        variant_name = config.variant["VariantName"]
        _check_target(invocation.headers, variant_name)
        answered = self._answer(endpoint, invocation)
        if answered.status >= HTTPStatus.BAD_REQUEST:
            raise _model_error(endpoint, answered.status, answered.data.decode(errors="replace"))
        headers = {
            "Content-Type": answered.headers.get("Content-Type", ""),
            "x-Amzn-Invoked-Production-Variant": variant_name,
            "x-amzn-RequestId": str(uuid.uuid4()),
        }
        attributes = answered.headers.get(_CUSTOM_ATTRIBUTES)
        if attributes:
            headers[_CUSTOM_ATTRIBUTES] = attributes
        result = InvocationResult(answered.data, headers)
        self._capture(endpoint, config, invocation, result)
        return result

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def _capture(
        self,
        endpoint: EndpointState,
        config: EndpointConfig,
        invocation: EndpointInvocation,
        result: InvocationResult,
    ) -> None:
        settings = CaptureSettings.of(config.request.get("DataCaptureConfig"))
        if settings is None or endpoint.fleet is None:
            return
        event = Event(
            result.headers["x-amzn-RequestId"],
            datetime.datetime.now(tz=datetime.UTC),
            invocation.headers.get(_INFERENCE_ID.lower()),
        )
        self._captures.add(
            settings,
            Payload(invocation.body, invocation.headers.get("content-type", "")),
            Payload(result.body, result.headers["Content-Type"]),
            event,
            endpoint_name=invocation.endpoint_name,
            variant_name=config.variant["VariantName"],
            role_arn=endpoint.fleet.model.role_arn,
        )

    def _serving(self, name: str) -> EndpointState:
        try:
            endpoint = self._endpoints.get(name)
        except ServiceError:
            endpoint = None
        # SageMaker says the same of one that is not in service yet.
        if endpoint is None or endpoint.status not in _SERVING:
            account_id = self._endpoints.account_id
            raise ServiceError(
                "ValidationError", f"Endpoint {name} of account {account_id} not found."
            )
        return endpoint

    def _answer(
        self, endpoint: EndpointState, invocation: EndpointInvocation
    ) -> urllib3.BaseHTTPResponse:
        headers = _passed_on(invocation.headers)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._pool(endpoint.port).urlopen(
                    "POST",
                    "/invocations",
                    body=invocation.body,
                    headers=headers,
                    retries=False,
                    redirect=False,
                )
            except urllib3.exceptions.TimeoutError as error:
                raise _model_error(endpoint, 0, _TIMED_OUT) from error
            except urllib3.exceptions.HTTPError as error:
                if attempt == _ATTEMPTS:
                    reason = "Connection reset by peer"
                    raise _model_error(endpoint, 0, reason) from error
        raise AssertionError("the last attempt returns or raises")

    def _pool(self, port: int) -> urllib3.HTTPConnectionPool:
        with self._lock:
            if port not in self._pools:
                self._pools[port] = urllib3.HTTPConnectionPool(
                    LOOPBACK, port, timeout=_SECONDS, maxsize=_CONNECTIONS
                )
            return self._pools[port]


def _check_target(headers: Mapping[str, str], variant_name: str) -> None:
    wanted = headers.get("x-amzn-sagemaker-target-variant", variant_name)
    if wanted != variant_name:
        raise ServiceError(
            "ValidationError",
            f"Variant {wanted} not found for Request; the endpoint has {variant_name}.",
        )
    for name in ("target-model", "target-container-hostname", "inference-component"):
        if f"x-amzn-sagemaker-{name}" in headers:
            raise ServiceError(
                "ValidationError",
                f"the header X-Amzn-SageMaker-{name.title()} is for endpoints of several models, "
                "containers or components; this one has one",
            )


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what SageMaker tells the container; other headers it keeps."""
    names = ("Content-Type", "Accept", _CUSTOM_ATTRIBUTES, _INFERENCE_ID)
    return {name: headers[name.lower()] for name in names if name.lower() in headers}


def _model_error(endpoint: EndpointState, status: int, text: str) -> ModelError:
    """Return the error in SageMaker's words.

    They are quoted in aws/amazon-sagemaker-examples, issues 1809 and 4324.
    """
    _, partition, _, region, account_id, _ = endpoint.arn.split(":", 5)
    group = f"/aws/sagemaker/Endpoints/{endpoint.name}"
    is_client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    message = (
        f"Received {'client' if is_client_error else 'server'} error ({status}) from primary with "
        f'message "{text}".'
    )
    if partition == _QUOTED_PARTITION:
        message += (
            f" See https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
            f"#logEventViewer:group={group} in account {account_id} for more information."
        )
    return ModelError(
        {
            "Message": message,
            "OriginalStatusCode": status,
            "OriginalMessage": text,
            "LogStreamArn": f"arn:{partition}:logs:{region}:{account_id}:log-group:{group}",
        }
    )
