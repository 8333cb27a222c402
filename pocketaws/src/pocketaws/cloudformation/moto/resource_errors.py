"""How the creation of a stack's resource is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto.cloudformation.exceptions import ValidationError

from pocketaws.errors import ServiceError


@contextmanager
def resource_errors(resource_type: str) -> Iterator[None]:
    """Have CloudFormation answer a ServiceError, with the type of the resource."""
    try:
        yield
    except ServiceError as error:
        raise ValidationError(message=f"{resource_type}: {error.code}: {error}") from error
