"""Lambda's Invoke: what each kind of call answers, and which functions there may be.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import base64
import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.awslambda.utils import get_backend as get_lambda_backend

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
    ]


def made(
    functions: Functions, deployed: LambdaFunction, payload: str, client_context: Any = None
) -> Invocation:
    """Call a function, and write down what it prints."""
    function = _function(deployed)
    invocation = functions.invoke(function, payload, client_context)
    function_logs.write(function, invocation, deployed.logs_backend)
    return invocation


def _runnable() -> Callable[..., LambdaFunction]:
    original = LambdaBackend.create_function

    def create_function(self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        problem = runtime_problem(spec.get("Runtime") or "")
        if problem is not None:
            raise InvalidParameterValueException(problem)
        return original(self, spec)

    return create_function


def _invoke(functions: Functions) -> Callable[[LambdaResponse], _Answer]:
    def invoke(self: LambdaResponse) -> _Answer:
        # In the path, between "functions" and "invocations"; an ARN is encoded there.
        name = unquote(self.path.rsplit("/", 2)[-2])
        function = self.backend.get_function(name, self._get_param("Qualifier"))
        kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        fields = {"x-amz-executed-version": str(function.version)}
        if kind == "DryRun":
            return 204, {**fields, "status": "204"}, ""
        payload = self.body.decode() if isinstance(self.body, bytes) else self.body
        context = _client_context(self.headers.get("X-Amz-Client-Context"))
        if kind == "Event":
            functions.later(lambda: made(functions, function, payload or "{}", context))
            return 202, {**fields, "status": "202"}, ""
        invocation = made(functions, function, payload or "{}", context)
        answer = _bounded(invocation)
        if answer.failed:
            fields["x-amz-function-error"] = "Unhandled"
        if self.headers.get("X-Amz-Log-Type") == "Tail":
            fields["x-amz-log-result"] = base64.b64encode(tail(answer.log).encode()).decode()
        fields["content-type"] = "application/json"
        return 200, fields, answer.payload.encode()

    return invoke


def _client_context(header: str | None) -> Any:
    return None if not header else json.loads(base64.b64decode(header))


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
    )


def _layers(deployed: LambdaFunction) -> tuple[bytes, ...]:
    if not deployed.layers:
        return ()
    backend = get_lambda_backend(deployed.account_id, deployed.region)
    versions = [backend.layers_versions_by_arn(layer["Arn"]) for layer in deployed.layers]
    return tuple(version.code_bytes for version in versions if version is not None)
