"""botocore's models of the services, read once for the whole process.

Every botocore session reads them for itself, megabytes of JSON each time, and importing moto alone
makes three sessions. Within `shared()` all sessions share one reader, which keeps what it has read.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from pocketaws.model_files import ModelLoader


@functools.cache
def data_loader() -> Loader:
    """Return the one reader."""
    return ModelLoader()


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
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service.

    Raises:
        UnknownServiceError: botocore has none of that name.
    """
    return ServiceModel(data_loader().load_service_model(service, "service-2"), service)


def operation_names(service: str) -> list[str]:
    """Return the names of a service's calls."""
    return list(service_model(service).operation_names)


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel | None:
    """Return botocore's model of a call, or None where the service has no such call."""
    model = service_model(service)
    if operation not in model.operation_names:
        return None
    return model.operation_model(operation)


@functools.cache
def speaks_json(service: str) -> bool:
    """Tell whether a service's calls may be named by X-Amz-Target, with JSON in their bodies."""
    try:
        metadata = service_model(service).metadata
    except UnknownServiceError:
        return False
    return "json" in metadata.get("protocols", [metadata.get("protocol")])
