"""Task tokens: each attempt has its own, each is good for one answer, and stopping ends the wait.

moto gives a state one token for all its attempts, takes any number of answers, drops the cause of
a failure and lets a wait go on after its execution was stopped.
"""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.parser.api import InvalidOutput, InvalidToken, TaskTimedOut
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (  # noqa: E501
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackEndpoint,
    CallbackOutcome,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.utils import long_uid
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change

_CLOSED: Final = "Task Timed Out: 'Provided task does not exist anymore'"
_NOT_JSON: Final = "Invalid Output: 'The provided JSON output data is not valid.'"


def changes() -> list[Change]:
    """Return what to change in moto's Step Functions."""
    answering = threading.Lock()
    return [
        Change(StateTaskServiceCallback, "_eval_execution", _eval_with_own_token),
        Change(ExecutionState, "_evaluate_with_timeout", _quiet_after_the_end()),
        Change(StepFunctionResponse, "send_task_success", _send_success(answering)),
        Change(StepFunctionResponse, "send_task_failure", _send_failure(answering)),
        Change(StepFunctionResponse, "send_task_heartbeat", _send_heartbeat()),
        *(
            Change(Environment, name, _waking(getattr(Environment, name)))
            for name in ("set_stop", "set_error", "set_timed_out")
        ),
    ]


def _eval_with_own_token(self: StateTaskServiceCallback, env: Any) -> None:
    """Evaluate one attempt; from the second on with a token of its own."""
    # A `.sync` task has one, too: its job's end and an answer race.
    if self._is_integration_pattern():
        # The frame of an attempt shares this with the state, which closes the token at its end.
        task = env.states.context_object.context_object_data["Task"]
        if _is_closed(env.callback_pool_manager.get(task["Token"])):
            task["Token"] = long_uid()
            env.callback_pool_manager.add(task["Token"])
    StateTaskService._eval_execution(self, env)


def _quiet_after_the_end() -> Callable[..., None]:
    """Return an evaluation that does not turn a stopped execution into a failed one."""
    original = ExecutionState._evaluate_with_timeout

    def evaluate(self: ExecutionState, env: Any) -> None:
        try:
            original(self, env)
        except Exception:
            # A task that waited when its execution was stopped has nothing more to say.
            if env.is_running():
                raise
        finally:
            _close_token(env)

    return evaluate


def _close_token(env: Any) -> None:
    """End the wait of an attempt that is over, so that its token is not taken any more."""
    task = env.states.context_object.context_object_data.get("Task", {})
    endpoint = env.callback_pool_manager.get(task.get("Token"))
    if endpoint is not None:
        endpoint.interrupt_all()


def _waking(original: Callable[..., None]) -> Callable[..., None]:
    """Return a change of an execution's state that ends every wait for a token, too."""

    def change(self: Environment, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        if not self.is_frame():
            for endpoint in list(self.callback_pool_manager._pool.values()):
                endpoint.interrupt_all()

    return change


def _is_closed(endpoint: CallbackEndpoint | None) -> bool:
    return endpoint is None or endpoint._notify_event.is_set()


def _send_success(answering: threading.Lock) -> Callable[..., ActionResult]:
    def send_task_success(self: StepFunctionResponse) -> ActionResult:
        token, output = self._get_param("taskToken"), self._get_param("output")
        try:
            json.loads(output)
        except ValueError as error:
            raise InvalidOutput(_NOT_JSON) from error
        outcome = CallbackOutcomeSuccess(token, output)
        _answer(self.stepfunction_backend, token, outcome, answering)
        return EmptyResult()

    return send_task_success


def _send_failure(answering: threading.Lock) -> Callable[..., ActionResult]:
    def send_task_failure(self: StepFunctionResponse) -> ActionResult:
        token = self._get_param("taskToken")
        outcome = CallbackOutcomeFailure(token, self._get_param("error"), self._get_param("cause"))
        _answer(self.stepfunction_backend, token, outcome, answering)
        return EmptyResult()

    return send_task_failure


def _send_heartbeat() -> Callable[..., ActionResult]:
    def send_task_heartbeat(self: StepFunctionResponse) -> ActionResult:
        endpoint = _endpoint(self.stepfunction_backend, self._get_param("taskToken"))
        if _is_closed(endpoint):
            raise TaskTimedOut(_CLOSED)
        endpoint.notify_heartbeat()
        return EmptyResult()

    return send_task_heartbeat


def _answer(backend: Any, token: str, outcome: CallbackOutcome, answering: threading.Lock) -> None:
    endpoint = _endpoint(backend, token)
    with answering:
        if _is_closed(endpoint):
            raise TaskTimedOut(_CLOSED)
        endpoint.notify(outcome)


def _endpoint(backend: Any, token: str) -> CallbackEndpoint:
    """Return where an answer for a token goes, even if nobody waits there any more."""
    for pool in _pools(backend):
        endpoint = pool.get(token)
        if endpoint is not None:
            return endpoint
    raise InvalidToken


def _pools(backend: Any) -> Iterator[Any]:
    for execution in backend._get_executions():
        env = execution.exec_worker and execution.exec_worker.env
        if env is not None:
            yield env.callback_pool_manager
