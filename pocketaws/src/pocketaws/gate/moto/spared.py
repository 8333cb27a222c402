"""What importing moto imports and reads at once and hardly anybody asks for, when it is asked for.

moto's CloudFormation imports every service that it creates resources of, its core what patches
boto3 in tests. What no workflow here calls is imported with the first resource or request of it.

EC2's types of instances are 30 MB of JSON; the validator of OpenAPI, for API Gateway's imports,
brings pydantic and jsonschema: these wait for a further question.
"""

import functools
import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

from pocketaws.gate.moto.later import LaterModule, standing_in

# By what the names of its resource types begin with.
_SERVICES: Final[Mapping[str, str]] = {
    "AWS::ApiGateway": "apigateway",
    "AWS::AutoScaling": "autoscaling",
    "AWS::Batch": "batch",
    "AWS::DataPipeline": "datapipeline",
    "AWS::EC2": "ec2",
    "AWS::ECS": "ecs",
    "AWS::EFS": "efs",
    "AWS::ElasticLoadBalancing": "elb",
    "AWS::ElasticLoadBalancingV2": "elbv2",
    "AWS::EMR": "emr",
    "AWS::IoT": "iot",
    "AWS::RDS": "rds",
    "AWS::Redshift": "redshift",
    "AWS::Route53": "route53",
}
# What patches boto3 in tests; of the first, the one number is asked for at once.
_CORE: Final = "moto.core.models"
_PATCHING: Final = "moto.core.decorator"
_ACCOUNT_ID: Final = "123456789012"
_LIBRARIES: Final = (
    "cryptography.hazmat.backends",
    "cryptography.x509",
    "cryptography.x509.oid",
    # Flask's pages: moto has one, of its own state.
    "flask.templating",
    "jinja2",
    "jinja2.loaders",
)
# A table is read by one import at a time.
_IMPORTING: Final = threading.RLock()
_TYPES: Final = "ec2/resources/instance_types.json"
_OFFERINGS: Final = "ec2/resources/instance_type_offerings/"
_VALIDATOR: Final = "openapi_spec_validator"
_ERRORS: Final = f"{_VALIDATOR}.validation.exceptions"


class _Later:
    """A table that is empty while moto is imported, and read when it is first asked for.

    Args:
        read: returns it.
    """

    def __init__(self, read: Callable[[], Any]) -> None:
        self._read = functools.cache(read)
        self.is_wanted = False

    def _table(self) -> Any:
        return self._read() if self.is_wanted else {}

    def __iter__(self) -> Iterator[Any]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())

    def __getitem__(self, key: Any) -> Any:
        return self._table()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._table()

    def keys(self) -> Any:
        return self._table().keys()


class OpenAPIValidationError(Exception):
    """Stands for the validator's own error."""


@contextmanager
def spared() -> Iterator[None]:
    """Have moto be imported, in this context, without those services, tables and libraries."""
    stand_ins = [LaterModule(name) for name in (_PATCHING, *_LIBRARIES)]
    for service in _SERVICES.values():
        package = f"moto.{service}"
        stand_ins += [LaterModule(package, bring), LaterModule(f"{package}.models", bring)]
    stand_ins.append(LaterModule("moto.ec2.models.core", bring))
    # Every function of Lambda's asks for it, and finds it where it comes from.
    core = LaterModule(_CORE, DEFAULT_ACCOUNT_ID=_ACCOUNT_ID)
    with standing_in([*stand_ins, core], staying=[_CORE]):
        from moto.core.config import default_user_config

        core.__dict__["default_user_config"] = default_user_config
        yield


def bring(name: str) -> ModuleType:
    """Import a module of moto without those tables and libraries, until they are asked for."""
    with _IMPORTING, _tables_spared():
        return importlib.import_module(name)


def bring_service_of(resource_type: str) -> None:
    """Import what creates resources of a type, where it has been spared."""
    service = _SERVICES.get("::".join(resource_type.split("::")[:2]))
    if service is not None:
        bring(f"moto.{service}.models")


def bring_services() -> None:
    """Import what has been spared of what creates resources."""
    for service in _SERVICES.values():
        bring(f"moto.{service}.models")


@contextmanager
def _tables_spared() -> Iterator[None]:
    from moto.utilities import utils

    later: list[_Later] = []
    read = utils.load_resource

    def load(resource: str) -> Any:
        if resource != _TYPES and not resource.startswith(_OFFERINGS):
            return read(resource)
        later.append(_Later(lambda: _read(read, resource)))
        return later[-1]

    stand_ins = {} if _VALIDATOR in sys.modules else _stand_ins()
    sys.modules.update(stand_ins)
    utils.load_resource = load
    try:
        yield
    finally:
        utils.load_resource = read
        for name in stand_ins:
            del sys.modules[name]
        for table in later:
            table.is_wanted = True
        _read_types_later()


def _read_types_later() -> None:
    types = sys.modules.get("moto.ec2.models.instance_types")
    if types is not None and not types.InstanceTypeBackend.instance_types:
        every = _Later(lambda: [types.InstanceType(name) for name in types.INSTANCE_TYPES])
        every.is_wanted = True
        types.InstanceTypeBackend.instance_types = every


def _read(read: Callable[[str], Any], resource: str) -> Any:
    table = read(resource)
    if resource.startswith(_OFFERINGS):
        # As moto says of each when it reads them.
        location = resource.removeprefix(_OFFERINGS).partition("/")[0]
        table = [{**offered, "LocationType": location} for offered in table]
    return table


def _stand_ins() -> dict[str, ModuleType]:
    validator, errors = ModuleType(_VALIDATOR), ModuleType(_ERRORS)
    validator.__dict__["validate"] = _validate
    errors.__dict__["OpenAPIValidationError"] = OpenAPIValidationError
    return {
        _VALIDATOR: validator,
        f"{_VALIDATOR}.validation": ModuleType("validation"),
        _ERRORS: errors,
    }


def _validate(*arguments: Any, **named: Any) -> None:
    failure = importlib.import_module(_ERRORS).OpenAPIValidationError
    try:
        importlib.import_module(_VALIDATOR).validate(*arguments, **named)
    except failure as error:
        raise OpenAPIValidationError(*error.args) from error
