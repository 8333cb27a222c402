"""The calls of tasks: a service's, by botocore, in the name of a role.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from pocketaws.errors import ServiceError
from pocketaws.gate.rules import java_name
from pocketaws.step_functions.engine import nested, sdk_names, shapes
from pocketaws.step_functions.engine.activities import Activities
from pocketaws.step_functions.engine.call_errors import state_error
from pocketaws.step_functions.engine.documents import json_text, milliseconds, time_text
from pocketaws.step_functions.engine.errors import PERMISSIONS, RUNTIME, TASK_FAILED, StateError
from pocketaws.step_functions.engine.frames import TaskCall
from pocketaws.step_functions.engine.tokens import Tokens

_BOTOCORE_NAMES: Final = {"states": "stepfunctions"}
_SDK: Final = "aws-sdk:"


class Waiter(Protocol):
    """What waits for a service's jobs."""

    def __call__(self, operation: str, name: str, ended: threading.Event) -> Any:
        """Wait for the end of the job of a name; raise StateError where it failed."""


class Callers(Protocol):
    """Clients that call in a role's name."""

    def client(self, role_arn: str, service: str) -> Any:
        """Return one; raise ServiceError where the role cannot be assumed."""


class ServiceCalls:
    """Everything that an execution needs of the world outside; see `frames.Services`.

    Args:
        callers: give clients.
        region: of the account.
        wait_for_sagemaker: waits for SageMaker's jobs.
        expect: has a function made ready, by its ARN or its name.
    """

    def __init__(
        self,
        callers: Callers,
        *,
        region: str,
        wait_for_sagemaker: Waiter,
        expect: Callable[[str], None],
    ) -> None:
        self.region = region
        self.expect = expect
        self.tokens = Tokens()
        self.activities = Activities()
        self._callers = callers
        self._wait_for_sagemaker = wait_for_sagemaker

    def client(self, role_arn: str, service: str) -> Any:
        """Return a client of a service that calls in a role's name.

        Raises:
            StateError: `States.Permissions`: the role cannot be assumed.
        """
        try:
            return self._callers.client(role_arn, service)
        except ServiceError as error:
            raise StateError(PERMISSIONS, str(error)) from error

    def call(self, call: TaskCall) -> Any:
        """Make a call and return what it answers; raise StateError where it fails."""
        if call.service.startswith(_SDK):
            return self._sdk_call(call)
        service = _BOTOCORE_NAMES.get(call.service, call.service)
        named = java_name if call.service == "states" else str
        shape = _SHAPERS.get(call.service, _as_given)
        response, model = self._made(call, service, shape(call), named)
        answer = shapes.answer(response, model.output_shape, named=named, time_told=milliseconds)
        checked = _CHECKS.get(call.service, _as_answered)(answer)
        return {**checked, **_metadata(response)}

    def _sdk_call(self, call: TaskCall) -> Any:
        service = sdk_names.botocore_name(call.service.removeprefix(_SDK))
        assert service is not None, "the definition was checked"  # noqa: S101
        response, model = self._made(call, service, call.parameters, java_name)
        return shapes.answer(response, model.output_shape, named=java_name, time_told=time_text)

    def _made(
        self, call: TaskCall, service: str, parameters: Any, named: Callable[[str], str]
    ) -> tuple[Any, Any]:
        model = sdk_names.operation(service, call.action)
        assert model is not None, "the definition was checked"  # noqa: S101
        request = shapes.request(parameters, model.input_shape, named=named)
        method = getattr(self.client(call.role_arn, service), xform_name(model.name))
        try:
            return method(**request), model
        except ClientError as error:
            raise state_error(call.service, error) from error
        except BotoCoreError as error:
            raise StateError(TASK_FAILED, str(error)) from error
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise StateError(RUNTIME, f"The parameters cannot be sent: {error}") from error

    def wait_for_job(self, call: TaskCall, answer: Any, ended: threading.Event) -> Any:
        """Wait for the end of the job that a call has started; see `frames.Services`."""
        if call.service == "states":
            client = self.client(call.role_arn, "stepfunctions")
            return nested.result(
                client, answer["ExecutionArn"], ended, parsed=call.pattern == "sync:2"
            )
        operation = call.action[0].upper() + call.action[1:]
        kind = operation.removeprefix("Create").removesuffix("Job")
        return self._wait_for_sagemaker(kind, call.parameters[f"{kind}JobName"], ended)

    def call_function(self, arn: str, payload: Any, role_arn: str) -> Any:
        """Call a function whose ARN is a task's resource; raise StateError where it fails."""
        client = self.client(role_arn, "lambda")
        try:
            response = client.invoke(FunctionName=arn, Payload=_payload(payload))
        except ClientError as error:
            raise state_error("lambda", error) from error
        except BotoCoreError as error:
            raise StateError(TASK_FAILED, str(error)) from error
        return _function_result(response)["Payload"]


def _payload(value: Any) -> bytes:
    """Return an event's JSON; a text that is JSON is taken as such."""
    if isinstance(value, str) and _is_json(value):
        return value.encode()
    return json_text(value).encode()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _function_result(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer of Lambda with its payload read.

    Raises:
        StateError: the handler failed.
    """
    text = response["Payload"]
    text = text if isinstance(text, str) else text.read().decode()
    payload = json.loads(text) if _is_json(text) else text
    if "FunctionError" not in response:
        return {**response, "Payload": payload}
    error = payload.get("errorType") if isinstance(payload, dict) else None
    raise StateError(error or "Exception", json_text(payload))


def _as_given(call: TaskCall) -> Any:
    return call.parameters


def _as_answered(answer: Any) -> Any:
    return answer


def _function_parameters(call: TaskCall) -> Any:
    return {**call.parameters, "Payload": _payload(call.parameters.get("Payload", {}))}


def _event_parameters(call: TaskCall) -> Any:
    """Name the state machine and the execution in each event, as Step Functions does."""
    from_here = [call.context["StateMachine"]["Id"], call.context["Execution"]["Id"]]
    entries = call.parameters.get("Entries", [])
    items = [{**entry, "Resources": [*entry.get("Resources", []), *from_here]} for entry in entries]
    return {**call.parameters, "Entries": items}


def _execution_parameters(call: TaskCall) -> Any:
    return {**call.parameters, "Input": call.parameters.get("Input", {})}


def _checked_events(answer: Any) -> Any:
    if answer.get("FailedEntryCount", 0):
        raise StateError("EventBridge.FailedEntry", json_text(answer))
    return answer


_SHAPERS: Final[Mapping[str, Callable[[TaskCall], Any]]] = {
    "events": _event_parameters,
    "lambda": _function_parameters,
    "states": _execution_parameters,
}
_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "events": _checked_events,
    "lambda": _function_result,
}


def _metadata(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the optimised integrations tell of a call's transport."""
    metadata = response["ResponseMetadata"]
    headers = {name.title(): value for name, value in metadata.get("HTTPHeaders", {}).items()}
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": metadata["HTTPStatusCode"],
        },
        "SdkResponseMetadata": {"RequestId": metadata.get("RequestId", "")},
    }
