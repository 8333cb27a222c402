"""Parameter Store: a parameter keeps its type and its pattern, and a list has pages.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
"""

from collections.abc import Callable
from typing import Any, Final

import regex
from moto.core.responses import ActionResult
from moto.ssm.exceptions import SSMException
from moto.ssm.models import Parameter, SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from pocketaws.change import Change

_PAGE: Final = 10


class _HierarchyTypeMismatchError(SSMException):  # type: ignore[misc]
    code = "HierarchyTypeMismatchException"


class _PatternMismatchError(SSMException):  # type: ignore[misc]
    code = "ParameterPatternMismatchException"


def changes() -> list[Change]:
    """Return what to change in moto's Parameter Store."""
    return [
        Change(SimpleSystemManagerBackend, "put_parameter", _put()),
        Change(SimpleSystemManagerResponse, "describe_parameters", _describe),
    ]


def _put() -> Callable[..., Parameter]:
    original = SimpleSystemManagerBackend.put_parameter

    def put_parameter(
        self: SimpleSystemManagerBackend,
        name: str,
        description: str,
        value: str,
        parameter_type: str,
        allowed_pattern: str,
        *more: Any,
        **named: Any,
    ) -> Parameter:
        versions = self._parameters.get(name) or []
        overwrites = named.get("overwrite", more[1] if len(more) > 1 else False)
        if versions and overwrites:
            _check_kept(versions[-1], value, parameter_type, allowed_pattern)
        arguments = (name, description, value, parameter_type, allowed_pattern)
        return original(self, *arguments, *more, **named)

    return put_parameter


def _check_kept(before: Parameter, value: str, parameter_type: str, pattern: str | None) -> None:
    if parameter_type and parameter_type != before.parameter_type:
        raise _HierarchyTypeMismatchError(
            f"The parameter {before.name} is a {before.parameter_type}; its type cannot be changed "
            f"to {parameter_type}. Create a new, unique parameter."
        )
    kept = pattern or before.allowed_pattern
    if kept and value and not regex.search(kept, value):
        raise _PatternMismatchError(
            f"Parameter value, cannot be validated against allowedPattern: {kept}"
        )


def _describe(self: SimpleSystemManagerResponse) -> ActionResult:
    found = self.ssm_backend.describe_parameters(
        self._get_param("Filters"), self._get_param("ParameterFilters")
    )
    # The gate lets numbers through alone.
    start = int(self._get_param("NextToken") or 0)
    end = start + int(self._get_param("MaxResults") or _PAGE)
    answer: dict[str, Any] = {
        "Parameters": [one.describe_response_object(decrypt=False) for one in found[start:end]]
    }
    if end < len(found):
        answer["NextToken"] = str(end)
    return ActionResult(answer)
