"""What AWS refuses beyond botocore's models: limits and rules that its documentation publishes.

A module a service: it yields code and message for each problem of a request, and looks at nothing
but the request. What depends on what is there already, the emulator decides.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from pocketaws.gate.limits import (
    cloudformation,
    events,
    functions,
    iam,
    sagemaker,
    scheduler,
    sns,
    sqs,
    ssm,
    state_machines,
    tables,
)


class Problem(NamedTuple):
    """Why a request is refused: AWS's code, and its words."""

    code: str
    message: str


Check = Callable[[str, Mapping[str, Any]], Iterator[tuple[str, str]]]

_CHECKS: Final[Mapping[str, Check]] = {
    "cloudformation": cloudformation.problems,
    "dynamodb": tables.problems,
    "events": events.problems,
    "iam": iam.problems,
    "lambda": functions.problems,
    "sagemaker": sagemaker.problems,
    "scheduler": scheduler.problems,
    "sns": sns.problems,
    "sqs": sqs.problems,
    "ssm": ssm.problems,
    "stepfunctions": state_machines.problems,
}


def problems(service: str, operation: str, request: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what AWS refuses of a request that fits botocore's model of its call.

    Args:
        service: botocore's name.
        operation: such as "PutParameter".
        request: its members.
    """
    check = _CHECKS.get(service)
    if check is not None:
        for code, message in check(operation, request):
            yield Problem(code, message)
