"""What importing moto reads at once and hardly anybody asks for, read when it is asked for.

EC2's types of instances are 30 MB of JSON; the validator of OpenAPI, for API Gateway's imports,
brings pydantic and jsonschema. Together they were half of the time until the emulator is up.
"""

import functools
import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

from moto.utilities import utils

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
    """Have moto be imported, in this context, without those tables and libraries."""
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
