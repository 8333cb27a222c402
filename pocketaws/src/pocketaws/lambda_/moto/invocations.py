"""Lambda's Invoke: what each kind of call answers, and which functions and grants there may be.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends
from moto.awslambda.policy import Policy
from moto.awslambda.responses import LambdaResponse
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.core.exceptions import JsonRESTError

from pocketaws.change import Change
from pocketaws.lambda_.function import Function, Invocation, runtime_problem
from pocketaws.lambda_.function_log import tail
from pocketaws.lambda_.functions import Functions
from pocketaws.lambda_.moto import function_logs

_Answer = tuple[int, dict[str, str], str | bytes]

# Of a synchronous call's answer, in bytes.
_MAXIMUM: Final = 6_291_556


def changes(functions: Functions) -> list[Change]:
    """Return what to change in moto's Lambda."""
    return [
        Change(LambdaResponse, "invoke", _invoke(functions)),
        Change(LambdaBackend, "create_function", _runnable()),
        Change(LambdaBackend, "update_function_configuration", _still_runnable()),
        Change(Policy, "add_statement", _added_statement()),
    ]


def made(
    functions: Functions, deployed: LambdaFunction, payload: str, client_context: Any = None
) -> Invocation:
    """Call a function, and write down what it prints."""
    function = _function(deployed)
    invocation = functions.invoke(function, payload, client_context)
    function_logs.write(function, invocation, deployed.logs_backend)
    return invocation


def expecting(functions: Functions, account_id: str, region: str) -> Callable[[str], None]:
    """Return what has a function of an account made ready, by its ARN or its name."""

    def expect(name: str) -> None:
        # Whoever calls what is not there is told.
        with suppress(LambdaClientError):
            deployed = lambda_backends[account_id][region].get_function(name)
            functions.later(lambda: functions.expect(_function(deployed)))

    return expect


def _runnable() -> Callable[..., LambdaFunction]:
    original = LambdaBackend.create_function

    def create_function(self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        problem = runtime_problem(spec.get("Runtime") or "")
        if problem is not None:
            raise InvalidParameterValueException(problem)
        return original(self, spec)

    return create_function


def _still_runnable() -> Callable[..., Any]:
    original = LambdaBackend.update_function_configuration

    def update(
        self: LambdaBackend, function_name: str, qualifier: str, body: dict[str, Any]
    ) -> dict[str, Any] | None:
        problem = runtime_problem(body["Runtime"]) if body.get("Runtime") else None
        if problem is not None:
            raise InvalidParameterValueException(problem)
        updated: dict[str, Any] | None = original(self, function_name, qualifier, body)
        return updated

    return update


def _added_statement() -> Callable[..., tuple[Any, str]]:
    original = Policy.add_statement

    def add_statement(self: Policy, raw: str, qualifier: str | None = None) -> tuple[Any, str]:
        name = json.loads(raw).get("StatementId")
        if any(statement.get("Sid") == name for statement in self.statements):
            raise _ResourceConflictError(
                f"The statement id ({name}) provided already exists. Please provide a new "
                "statement id, or remove the existing statement."
            )
        added: tuple[Any, str] = original(self, raw, qualifier)
        return added

    return add_statement


class _ResourceConflictError(JsonRESTError):  # type: ignore[misc]
    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ResourceConflictException", message)


class _TooManyRequestsError(JsonRESTError):  # type: ignore[misc]
    """A function may run nothing at all.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


class _InvalidContentError(JsonRESTError):  # type: ignore[misc]
    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("InvalidRequestContentException", message)


def _invoke(functions: Functions) -> Callable[[LambdaResponse], _Answer]:
    def invoke(self: LambdaResponse) -> _Answer:
        # In the path, between "functions" and "invocations"; an ARN is encoded there.
        name = unquote(self.path.rsplit("/", 2)[-2])
        function = self.backend.get_function(name, self._get_param("Qualifier"))
        kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        fields = {"x-amz-executed-version": str(function.version)}
        if kind == "DryRun":
            return 204, {**fields, "status": "204"}, ""
        payload = _payload(self.body)
        if function.reserved_concurrency == 0:
            raise _TooManyRequestsError
        context = _client_context(self.headers.get("X-Amz-Client-Context"))
        if kind == "Event":
            functions.later(lambda: made(functions, function, payload, context))
            return 202, {**fields, "status": "202"}, ""
        invocation = made(functions, function, payload, context)
        answer = _bounded(invocation)
        if answer.failed:
            fields["x-amz-function-error"] = "Unhandled"
        if self.headers.get("X-Amz-Log-Type") == "Tail":
            fields["x-amz-log-result"] = base64.b64encode(tail(answer.log).encode()).decode()
        fields["content-type"] = "application/json"
        return 200, fields, answer.payload.encode()

    return invoke


def _payload(body: str | bytes) -> str:
    """Return the event of a call, in JSON."""
    try:
        text = (body.decode() if isinstance(body, bytes) else body) or "{}"
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _InvalidContentError(
            f"Could not parse request body into json: Could not parse payload into json: {error}"
        ) from error
    return text


def _client_context(header: str | None) -> Any:
    if not header:
        return None
    try:
        context = json.loads(base64.b64decode(header, validate=True))
    except ValueError:
        context = None
    if not isinstance(context, dict):
        raise _InvalidContentError("Client context must be a valid Base64-encoded JSON object.")
    return context


def _bounded(invocation: Invocation) -> Invocation:
    size = len(invocation.payload.encode())
    if size <= _MAXIMUM:
        return invocation
    error = {
        "errorMessage": f"Response payload size ({size} bytes) exceeded maximum allowed payload "
        f"size ({_MAXIMUM} bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    return Invocation(json.dumps(error), failed=True, log=invocation.log)


def _function(deployed: LambdaFunction) -> Function:
    return Function(
        name=deployed.function_name,
        arn=deployed.function_arn,
        version=str(deployed.version),
        handler=deployed.handler,
        runtime=deployed.run_time,
        timeout_seconds=int(deployed.timeout),
        memory_mb=int(deployed.memory_size),
        region=deployed.region,
        code=deployed.code_bytes,
        code_sha256=deployed.code_digest,
        # A number that a template refers to is one here, and a text on AWS.
        environment={name: str(value) for name, value in deployed.environment_vars.items()},
        role_arn=deployed.role,
        log_group_name=deployed.logs_group_name,
        layers=_layers(deployed),
        logging=deployed.logging,
    )


def _layers(deployed: LambdaFunction) -> tuple[bytes, ...]:
    if not deployed.layers:
        return ()
    backend = get_lambda_backend(deployed.account_id, deployed.region)
    versions = [backend.layers_versions_by_arn(layer["Arn"]) for layer in deployed.layers]
    return tuple(version.code_bytes for version in versions if version is not None)
