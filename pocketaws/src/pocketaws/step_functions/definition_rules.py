"""What Step Functions, and this runtime, refuse in a definition before anything runs.

The integrations check the names of the fields in Parameters when the state machine is created; a
field that the service's call does not have fails the deployment, and so does one that an
optimised integration must have.
https://docs.aws.amazon.com/step-functions/latest/dg/connect-parameters.html

The optimised integrations know the fields by the names of the API, those of the AWS SDK and of
Step Functions by the names of the SDK for Java.
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from botocore.model import OperationModel, StructureShape

from pocketaws.errors import UnsupportedResourceError
from pocketaws.gate import rules
from pocketaws.step_functions import integrations
from pocketaws.step_functions.engine import sdk_names
from pocketaws.step_functions.integrations import Integration
from pocketaws.step_functions.validation import validator
from pocketaws.step_functions.validation.report import ERROR, SCHEMA, WARNING, Diagnostic

NOT_RUN: Final = "NOT_RUN_LOCALLY"
_PLACEHOLDER: Final = re.compile(r"\$\{[^}]*\}")
_BOTOCORE_NAMES: Final = {"states": "stepfunctions"}


def definition_problems(
    definition: str, *, express: bool = False, placeholders: bool = False, partition: str = ""
) -> list[str]:
    """Return what Step Functions would refuse, in its words.

    Args:
        definition: its text.
        express: whether it is to be an Express state machine's.
        placeholders: whether `${Name}` may stand where a template will put something else.
        partition: that resources are of; empty where it is not known.

    Raises:
        UnsupportedResourceError: a state needs what AWS runs and this runtime does not.
    """
    found = definition_diagnostics(
        definition, express=express, placeholders=placeholders, partition=partition
    )
    problems = [problem.text() for problem in found if problem.severity == ERROR]
    lacking = next((problem for problem in found if problem.code == NOT_RUN), None)
    if lacking is not None and not problems:
        raise UnsupportedResourceError(lacking.message)
    return problems


def definition_diagnostics(
    definition: str, *, express: bool = False, placeholders: bool = False, partition: str = ""
) -> list[Diagnostic]:
    """Return what Step Functions would refuse or warn of; see `definition_problems`.

    What AWS runs and this runtime does not is a warning with a code of its own.
    """
    found = validator.diagnose(definition, express=express, placeholders=placeholders)
    if any(problem.severity == ERROR for problem in found):
        return found
    for path, state in _task_states(json.loads(definition), ""):
        resource = str(state.get("Resource", ""))
        if partition and not resource.startswith(f"arn:{partition}:"):
            found.append(_not_recognised(path, resource))
        else:
            found += _state_problems(path, state, placeholders=placeholders)
    return found


def _state_problems(
    path: str, state: Mapping[str, Any], *, placeholders: bool
) -> Iterator[Diagnostic]:
    given = str(state.get("Resource", ""))
    resource = _PLACEHOLDER.sub("aws", given) if placeholders else given
    if integrations.is_worker(resource):
        return
    integration = integrations.read(resource)
    if integration is None or not integration.is_known:
        if given == resource:
            yield _not_recognised(path, given)
    elif integration.sdk_service is not None:
        yield from _sdk_problems(path, state, integration, given)
    elif not integration.is_run:
        message = (
            f"state {_state_name(path)!r} asks for {given}, which the local runtime does not run; "
            f"it runs: {integrations.supported_in_words()}"
        )
        yield Diagnostic(WARNING, NOT_RUN, message, f"{path}/Resource")
    else:
        yield from _optimised_problems(path, state, integration)


def _not_recognised(path: str, resource: str) -> Diagnostic:
    message = (
        f"The resource provided {resource} is not recognized. The value is not a valid resource "
        "ARN, or the resource is not available in this region."
    )
    return Diagnostic(ERROR, SCHEMA, message, f"{path}/Resource")


def _sdk_problems(
    path: str, state: Mapping[str, Any], integration: Integration, resource: str
) -> Iterator[Diagnostic]:
    """Yield what is wrong with a task of an AWS SDK integration.

    The service is written in small letters, the action in camel case.
    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """
    model = _model(integration)
    written = integration.service.islower() and integration.action[0].islower()
    if model is None or not written:
        yield _not_recognised(path, resource)
    elif model.input_shape is not None:
        yield from _unknown(path, state, model.input_shape, rules.java_name)


def _optimised_problems(
    path: str, state: Mapping[str, Any], integration: Integration
) -> Iterator[Diagnostic]:
    model = _model(integration)
    assert model is not None, "what is run has a model"  # noqa: S101
    assert model.input_shape is not None, "each of them has an input"  # noqa: S101
    named: Callable[[str], str] = rules.java_name if integration.service == "states" else str
    yield from _unknown(path, state, model.input_shape, named)
    yield from _missing(path, state, model.input_shape, named)


def _model(integration: Integration) -> OperationModel | None:
    if integration.sdk_service is None:
        name = _BOTOCORE_NAMES.get(integration.service, integration.service)
        return sdk_names.operation(name, integration.action)
    service = sdk_names.botocore_name(integration.sdk_service)
    return None if service is None else sdk_names.operation(service, integration.action)


def _requests(state: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a task calls with, as far as it is written down, and the field's name."""
    for field in ("Parameters", "Arguments"):
        if isinstance(state.get(field), dict):
            yield field, state[field]


def _unknown(
    path: str, state: Mapping[str, Any], shape: StructureShape, named: Callable[[str], str]
) -> Iterator[Diagnostic]:
    for field, request in _requests(state):
        for place in rules.unknown_fields(request, shape, named=named):
            name = place.rpartition("/")[2]
            message = f'The field "{name}" is not supported by Step Functions'
            yield Diagnostic(ERROR, SCHEMA, message, f"{path}/{field}{place}")


def _missing(
    path: str, state: Mapping[str, Any], shape: StructureShape, named: Callable[[str], str]
) -> Iterator[Diagnostic]:
    nothing: list[tuple[str, dict[str, Any]]] = []
    if not any(field in state for field in ("Parameters", "Arguments")):
        nothing = [("Parameters" if "QueryLanguage" not in state else "Arguments", {})]
    for field, request in [*_requests(state), *nothing]:
        given = {key.removesuffix(".$") for key in request}
        for name in map(named, shape.required_members):
            if name not in given:
                message = f'The field "{name}" is required but was missing'
                yield Diagnostic(ERROR, SCHEMA, message, f"{path}/{field}")


def _task_states(machine: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine.get("States", {}).items():
        here = f"{path}/States/{name}"
        if state.get("Type") == "Task":
            yield here, state
        for index, branch in enumerate(state.get("Branches", [])):
            yield from _task_states(branch, f"{here}/Branches[{index}]")
        for key in ("Iterator", "ItemProcessor"):
            yield from _task_states(state.get(key, {}), f"{here}/{key}")


def _state_name(path: str) -> str:
    return path.rpartition("/States/")[2]
