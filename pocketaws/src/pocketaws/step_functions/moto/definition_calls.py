"""Step Functions: definitions are validated, and states are tested, without a state machine."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import AWSError
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change
from pocketaws.errors import UnsupportedResourceError
from pocketaws.partitions import partition_of
from pocketaws.step_functions.definition_rules import definition_diagnostics
from pocketaws.step_functions.engine import state_tests
from pocketaws.step_functions.engine.state_tests import Mock, Trial
from pocketaws.step_functions.engine.visits import JSONPATH
from pocketaws.step_functions.validation.report import ERROR

if TYPE_CHECKING:
    from pocketaws.step_functions.moto.step_functions import Engine

_MOST: Final = 100
_MOCKED: Final = ("Task", "Map", "Parallel")


def changes(engine: "Engine") -> list[Change]:
    """Return what to change in moto's Step Functions."""
    added: dict[str, Callable[..., Any]] = {
        "validate_state_machine_definition": _validated,
        "test_state": _tested(engine),
    }
    return [Change(StepFunctionResponse, name, answer, adds=True) for name, answer in added.items()]


def _validated(self: StepFunctionResponse) -> ActionResult:
    get = self._get_param
    express = get("type") == "EXPRESS"
    found = definition_diagnostics(
        get("definition"), express=express, partition=partition_of(self.region)
    )
    failed = any(problem.severity == ERROR for problem in found)
    if (get("severity") or ERROR) == ERROR:
        found = [problem for problem in found if problem.severity == ERROR]
    most = get("maxResults") or _MOST
    fields = {
        "result": "FAIL" if failed else "OK",
        "diagnostics": [problem.as_json() for problem in found[:most]],
        "truncated": len(found) > most,
    }
    return ActionResult(fields)


def _tested(engine: "Engine") -> Callable[..., ActionResult]:
    def test_state(self: StepFunctionResponse) -> ActionResult:
        request = json.loads(self.body)
        try:
            trial = _trial(request, self.region)
        except (ValueError, UnsupportedResourceError) as error:
            raise AWSError(str(error), "ValidationException") from error
        return ActionResult(state_tests.result(trial, engine.services))

    return test_state


def _trial(request: Mapping[str, Any], region: str) -> Trial:
    definition = _read("definition", request["definition"])
    _check(definition, region)
    name, state, language = state_tests.chosen(definition, request.get("stateName"))
    mock = _mock(request, state)
    if state["Type"] == "Task" and mock is None and not request.get("roleArn"):
        raise ValueError("roleArn must be given to test a Task state without a mock")
    configuration = request.get("stateConfiguration", {})
    return Trial(
        name=name,
        state=state,
        input=_read("input", request.get("input", "{}")),
        role_arn=request.get("roleArn", ""),
        language=state.get("QueryLanguage", language),
        variables=_read("variables", request.get("variables", "{}")),
        context=_read("context", request.get("context", "{}")),
        mock=mock,
        retry_count=configuration.get("retrierRetryCount", 0),
        reveals=request.get("inspectionLevel", "INFO"),
    )


def _read(field: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"{field} is not JSON: {error}") from error


def _check(definition: Any, region: str) -> None:
    """Refuse what CreateStateMachine would; a state by itself leads where it wants.

    Raises:
        AWSError: InvalidDefinition.
    """
    whole = definition
    if isinstance(definition, dict) and "States" not in definition:
        whole = _alone(definition)
    found = definition_diagnostics(json.dumps(whole), partition=partition_of(region))
    problems = [problem.text() for problem in found if problem.severity == ERROR]
    if problems:
        message = f"Invalid State Machine Definition: '{', '.join(problems)}'"
        raise AWSError(message, "InvalidDefinition")


def _alone(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a machine of one state and of all that it leads to."""
    rules = [*state.get("Choices", ()), *state.get("Catch", ())]
    names = {rule.get("Next") for rule in [state, *rules]} | {state.get("Default")}
    ends = {name: {"Type": "Succeed"} for name in names if isinstance(name, str)}
    language = state.get("QueryLanguage", JSONPATH)
    start = "TestState"
    return {"StartAt": start, "QueryLanguage": language, "States": {start: state, **ends}}


def _mock(request: Mapping[str, Any], state: Mapping[str, Any]) -> Mock | None:
    given = request.get("mock")
    if given is None:
        return None
    if state["Type"] not in _MOCKED:
        raise ValueError(f"A state of type {state['Type']} cannot be mocked")
    error = given.get("errorOutput")
    if ("result" in given) == (error is not None):
        raise ValueError("mock must have one of result and errorOutput")
    if error is not None:
        return Mock(error=error.get("error"), cause=error.get("cause"))
    _read("mock.result", given["result"])
    return Mock(result=given["result"])
