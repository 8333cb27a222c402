"""How the creation of a stack's resource, or its change, is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError
from moto.cloudformation.exceptions import ValidationError

from pocketaws.errors import ServiceError


@contextmanager
def resource_errors(resource_type: str) -> Iterator[None]:
    """Have CloudFormation answer a ServiceError, with the type of the resource."""
    try:
        yield
    except ServiceError as error:
        raise ValidationError(message=f"{resource_type}: {error.code}: {error}") from error


@contextmanager
def client_errors() -> Iterator[None]:
    """Have CloudFormation answer what a service says to a call for a resource."""
    try:
        yield
    except ClientError as error:
        details = error.response["Error"]
        raise ValidationError(message=f"{details['Message']} ({details['Code']})") from error
