"""botocore's models of the services, read once for the whole process.

Every botocore session reads them for itself, megabytes of JSON each time, and importing moto alone
makes three sessions. Within `shared()` all sessions share one reader, which keeps what it has read.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import botocore.session
from botocore.loaders import Loader, create_loader
from botocore.model import OperationModel, ServiceModel


@functools.cache
def data_loader() -> Loader:
    """Return the one reader."""
    return create_loader()


@contextmanager
def shared() -> Iterator[None]:
    """Have every botocore session that is made meanwhile use the one reader."""
    original = botocore.session.create_loader
    botocore.session.create_loader = lambda *_: data_loader()
    try:
        yield
    finally:
        botocore.session.create_loader = original


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel | None:
    """Return botocore's model of a call, or None where the service has no such call."""
    service_model = ServiceModel(data_loader().load_service_model(service, "service-2"), service)
    if operation not in service_model.operation_names:
        return None
    return service_model.operation_model(operation)
