"""Lambda and CloudFormation: handlers run in processes, custom resources are waited for."""

import json
from collections.abc import Callable
from typing import Any, Final

from moto.awslambda.models import LambdaFunction

from pocketaws.change import Change
from pocketaws.cloudformation.moto import (
    attributes,
    physical_names,
    resource_limits,
    stack_deletion,
    stack_parameters,
    stack_resources,
    stack_update,
    template_calls,
)
from pocketaws.cloudformation.moto.custom_resources import CustomResources
from pocketaws.lambda_.function_log import tail
from pocketaws.lambda_.functions import Functions
from pocketaws.lambda_.moto import function_logs, invocations, stack_functions

_NO_PAYLOAD: Final = "{}"


def changes(
    functions: Functions, answer_url: Callable[[str], str], make_client: Callable[[str], Any]
) -> list[Change]:
    """Return what to change in moto's Lambda and CloudFormation.

    Args:
        functions: run the handlers.
        answer_url: returns where a custom resource's function is told to answer, by a path.
        make_client: returns a client of an emulated service by its name.
    """
    custom_resources = CustomResources(answer_url)
    return [
        Change(LambdaFunction, "_invoke_lambda", _invoke_lambda(functions)),
        *invocations.changes(functions),
        *stack_functions.changes(make_client),
        *function_logs.changes(),
        *custom_resources.changes(),
        *stack_parameters.changes(),
        *stack_resources.changes(),
        *attributes.changes(),
        *physical_names.changes(),
        *resource_limits.changes(),
        *stack_deletion.changes(custom_resources),
        *stack_update.changes(custom_resources, make_client),
        *template_calls.changes(),
    ]


def _invoke_lambda(functions: Functions) -> Callable[..., tuple[str, bool, str]]:
    def invoke(self: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
        # moto hands over a call without a payload as text, all others parsed.
        payload = _NO_PAYLOAD if event in (None, _NO_PAYLOAD) else json.dumps(event)
        invocation = invocations.made(functions, self, payload)
        return invocation.payload, invocation.failed, tail(invocation.log)

    return invoke
