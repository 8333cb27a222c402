"""Step Functions: executions are started, told of, stopped and redriven."""

import itertools
import json
import random
import re
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import AWSError
from moto.stepfunctions.models import StepFunctionBackend
from moto.stepfunctions.responses import StepFunctionResponse

from pocketaws.change import Change
from pocketaws.step_functions.engine import descriptions
from pocketaws.step_functions.engine.documents import (
    nested_too_deeply,
    nesting_problem,
    too_large,
)
from pocketaws.step_functions.engine.execution import RUNNING, EngineExecution, ExecutionPlan
from pocketaws.step_functions.engine.map_runs import MapRun
from pocketaws.step_functions.variable_references import references

if TYPE_CHECKING:
    from pocketaws.step_functions.moto.step_functions import Engine

# https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
_MAX_PAGE: Final = 1000
_DEFAULT_PAGE: Final = 100
# An Express execution is told of by its log alone.
_EXECUTION_ARN: Final = re.compile(r"arn:[\w-]+:states:[\w-]+:\d{12}:execution:[^:]+:[^:]+")
EXPRESS: Final = "EXPRESS"
# arn:partition:states:region:account:stateMachine:name[:version or alias]
_PARTS: Final = 7


class Startable(NamedTuple):
    """What an ARN that executions are started by names.

    Attributes:
        machine: of moto, as a whole.
        source: the machine, or the version that is run.
    """

    machine: Any
    source: Any
    version_arn: str | None = None
    alias_arn: str | None = None


def changes(engine: "Engine") -> list[Change]:
    """Return what to change in moto's Step Functions."""
    answers: dict[str, Callable[..., Any]] = {
        "describe_execution": _described,
        "describe_state_machine_for_execution": _described_machine,
        "get_execution_history": _history,
        "list_executions": _listed,
        "stop_execution": _stopped,
    }
    added: dict[str, Callable[..., Any]] = {
        "redrive_execution": _redriven,
        "start_sync_execution": _started_at_once(engine),
    }
    return [
        Change(StepFunctionBackend, "start_execution", _start(engine)),
        *(Change(StepFunctionResponse, name, answer) for name, answer in answers.items()),
        *(Change(StepFunctionResponse, name, answer, adds=True) for name, answer in added.items()),
    ]


def startable(backend: StepFunctionBackend, arn: str) -> Startable:
    """Return what is run by the ARN of a machine, a version or an alias.

    Raises:
        AWSError: there is none.
    """
    backend._validate_machine_arn(arn)
    parts = arn.split(":")
    base, qualifier = ":".join(parts[:_PARTS]), ":".join(parts[_PARTS:])
    machine = next((item for item in backend.state_machines if item.arn == base), None)
    if machine is None:
        raise AWSError(f"State Machine Does Not Exist: '{arn}'", "StateMachineDoesNotExist")
    if not qualifier:
        return Startable(machine, machine)
    alias = machine.aliases.get(qualifier)
    version_arn = arn if alias is None else _routed(alias.routing_configuration)
    versions = {version.arn: version for version in machine.versions.values()}
    if version_arn not in versions:
        raise AWSError(f"State Machine Does Not Exist: '{arn}'", "StateMachineDoesNotExist")
    return Startable(machine, versions[version_arn], version_arn, arn if alias else None)


def _routed(routes: list[dict[str, Any]]) -> str:
    weights = [route["weight"] for route in routes]
    chosen = random.choices(routes, weights)[0]  # noqa: S311 - it is no secret
    return str(chosen["stateMachineVersionArn"])


def _start(engine: "Engine") -> Callable[..., EngineExecution]:
    def start_execution(
        self: StepFunctionBackend,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> EngineExecution:
        found = startable(self, state_machine_arn)
        plan = _plan(self, found, name, execution_input, trace_header)
        if not plan.express:
            existing = _same(found.machine, plan)
            if existing is not None:
                return existing
        return _begun(engine, found, plan)

    return start_execution


def _begun(engine: "Engine", found: Startable, plan: ExecutionPlan) -> EngineExecution:
    engine.logs.begin(plan.arn, found.machine)
    execution = EngineExecution(plan, engine.services, engine.watchers)
    found.machine.executions.append(execution)
    execution.start()
    return execution


def _plan(
    backend: StepFunctionBackend,
    found: Startable,
    name: str | None,
    execution_input: str | None,
    trace_header: str | None,
) -> ExecutionPlan:
    name = name or str(uuid.uuid4())
    backend._validate_name(name)
    text = "{}" if execution_input is None else execution_input
    _check_input(text)
    machine = found.machine
    express = machine.type == EXPRESS
    prefix = machine.arn.replace(":stateMachine:", ":express:" if express else ":execution:")
    return ExecutionPlan(
        arn=f"{prefix}:{name}" + (f":{uuid.uuid4()}" if express else ""),
        name=name,
        machine_arn=machine.arn,
        machine_name=machine.name,
        role_arn=found.source.roleArn,
        definition=found.source.definition,
        input=text,
        express=express,
        version_arn=found.version_arn,
        alias_arn=found.alias_arn,
        trace_header=trace_header,
    )


def _check_input(text: str) -> None:
    # botocore's model has the same limit in characters; the service counts UTF-8.
    if too_large(text):
        message = "Invalid State Machine Execution Input: more than 262144 bytes in UTF-8"
        raise AWSError(message, "InvalidExecutionInput")
    if nested_too_deeply(text):
        message = f"Invalid State Machine Execution Input: {nesting_problem('it')}"
        raise AWSError(message, "InvalidExecutionInput")
    try:
        json.loads(text)
    except ValueError as error:
        message = f"Invalid State Machine Execution Input: '{error}'"
        raise AWSError(message, "InvalidExecutionInput") from error


def _same(machine: Any, plan: ExecutionPlan) -> EngineExecution | None:
    """Return the execution that a start asks for again.

    Raises:
        AWSError: there is another of that name.
    """
    existing: EngineExecution | None = next(
        (item for item in machine.executions if item.plan.name == plan.name), None
    )
    if existing is None:
        return None
    if existing.status == RUNNING and existing.plan.input == plan.input:
        return existing
    message = f"Execution Already Exists: '{existing.plan.arn}'"
    raise AWSError(message, "ExecutionAlreadyExists")


def execution_of(backend: StepFunctionBackend, arn: str) -> EngineExecution:
    """Return an execution.

    Raises:
        AWSError: there is none, or it is one that only its log tells of.
    """
    if not _EXECUTION_ARN.fullmatch(arn):
        raise AWSError(f"Invalid Execution Arn: '{arn}'", "InvalidArn")
    found = (item for machine in backend.state_machines for item in machine.executions)
    execution: EngineExecution | None = next((item for item in found if item.plan.arn == arn), None)
    if execution is None:
        raise AWSError(f"Execution Does Not Exist: '{arn}'", "ExecutionDoesNotExist")
    return execution


def map_run_of(backend: StepFunctionBackend, arn: str) -> MapRun:
    """Return a Map Run.

    Raises:
        AWSError: there is none.
    """
    executions = (item for machine in backend.state_machines for item in machine.executions)
    for execution in executions:
        for record in execution.run.map_runs:
            if record.arn == arn:
                found: MapRun = record
                return found
    raise AWSError(f"Resource not found: '{arn}'", "ResourceNotFound")


def _of_request(self: StepFunctionResponse) -> EngineExecution:
    return execution_of(self.stepfunction_backend, self._get_param("executionArn"))


def _described(self: StepFunctionResponse) -> ActionResult:
    return ActionResult(descriptions.described(_of_request(self)))


def _described_machine(self: StepFunctionResponse) -> ActionResult:
    execution = _of_request(self)
    machine = self.stepfunction_backend.describe_state_machine(execution.plan.machine_arn)
    found = references(execution.plan.definition)
    return ActionResult(
        {
            "stateMachineArn": execution.plan.machine_arn,
            "name": machine.name,
            "definition": execution.plan.definition,
            "roleArn": execution.plan.role_arn,
            "updateDate": machine.update_date,
            "loggingConfiguration": machine.loggingConfiguration,
            "tracingConfiguration": machine.tracingConfiguration,
            **({"variableReferences": found} if found else {}),
        }
    )


def _history(self: StepFunctionResponse) -> ActionResult:
    request = json.loads(self.body)
    events = _of_request(self).history.events
    ordered = events[::-1] if request.get("reverseOrder") else events
    page, following = _page(ordered, request, default=_DEFAULT_PAGE)
    if request.get("includeExecutionData", True) is False:
        page = [_without_data(event) for event in page]
    return ActionResult({"events": page, **following})


def _without_data(event: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: item for key, item in value.items() if key not in {"input", "output"}}
        if isinstance(value, dict)
        else value
        for name, value in event.items()
    }


def _page(
    items: list[Any], request: dict[str, Any], *, default: int
) -> tuple[list[Any], dict[str, str]]:
    token = str(request.get("nextToken", "0"))
    if not token.isdecimal():
        raise AWSError(f"Invalid Token: '{token}'", "InvalidToken")
    start = int(token)
    end = start + min(request.get("maxResults") or default, _MAX_PAGE)
    page = list(itertools.islice(items, start, end))
    return page, {"nextToken": str(end)} if end < len(items) else {}


def _listed(self: StepFunctionResponse) -> ActionResult:
    request = json.loads(self.body)
    if "mapRunArn" in request:
        record = map_run_of(self.stepfunction_backend, request["mapRunArn"])
        children = record.executions(request.get("statusFilter"))
        page, following = _page(children, request, default=_DEFAULT_PAGE)
        return ActionResult({"executions": page, **following})
    found = startable(self.stepfunction_backend, request["stateMachineArn"])
    if found.machine.type == EXPRESS:
        message = f"State Machine Type Not Supported: '{found.machine.arn}'"
        raise AWSError(message, "StateMachineTypeNotSupported")
    wanted = sorted(_wanted(found, request), key=lambda item: item.start_date, reverse=True)
    page, following = _page(wanted, request, default=_DEFAULT_PAGE)
    executions = [descriptions.listed(execution) for execution in page]
    return ActionResult({"executions": executions, **following})


def _wanted(found: Startable, request: dict[str, Any]) -> Iterator[EngineExecution]:
    redriven = {"REDRIVEN": True, "NOT_REDRIVEN": False}.get(request.get("redriveFilter", ""))
    for execution in found.machine.executions:
        arns = (execution.plan.machine_arn, execution.plan.version_arn, execution.plan.alias_arn)
        wanted = request["stateMachineArn"] in arns
        wanted &= request.get("statusFilter", execution.status) == execution.status
        if wanted and redriven in {None, execution.redrive_count > 0}:
            yield execution


def _stopped(self: StepFunctionResponse) -> ActionResult:
    execution = _of_request(self)
    execution.stop(self._get_param("error"), self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date})


def _redriven(self: StepFunctionResponse) -> ActionResult:
    execution = _of_request(self)
    reason = execution.why_not_redrivable()
    if reason is not None:
        raise AWSError(reason, "ExecutionNotRedrivable")
    execution.redrive()
    return ActionResult({"redriveDate": execution.redrive_date})


def _started_at_once(engine: "Engine") -> Callable[..., ActionResult]:
    def start_sync_execution(self: StepFunctionResponse) -> ActionResult:
        backend, arn = self.stepfunction_backend, self._get_param("stateMachineArn")
        found = startable(backend, arn)
        if found.machine.type != EXPRESS:
            message = f"State Machine Type Not Supported: '{arn}'"
            raise AWSError(message, "StateMachineTypeNotSupported")
        name, text = self._get_param("name"), self._get_param("input")
        plan = _plan(backend, found, name, text, self._get_param("traceHeader"))
        execution = _begun(engine, found, plan)
        # An Express execution takes five minutes at most.
        if not execution.ended.wait(300):
            execution.stop()
        return ActionResult(descriptions.ended_at_once(execution))

    return start_sync_execution
