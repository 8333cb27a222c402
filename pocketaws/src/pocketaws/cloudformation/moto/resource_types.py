"""The resource types that moto's CloudFormation knows, ours among them.

What creates a type may be imported only when somebody asks for that type; see `gate.moto.spared`.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel

from pocketaws.change import Change
from pocketaws.gate.moto.spared import bring_service_of, bring_services

_Model = type[CloudFormationModel]


def changes() -> list[Change]:
    """Return what to change in moto's CloudFormation: its tables of types, made once for all."""
    types = _Types()
    names = _NameProperties(types)
    return [
        Change(parsing, "get_model_list", CloudFormationModel.__subclasses__),
        Change(parsing, "get_model_map", lambda: types),
        Change(parsing, "get_name_type_map", lambda: names),
    ]


def creates(resource_type: str) -> bool:
    """Tell whether moto's CloudFormation creates resources of a type."""
    return resource_type.startswith("Custom::") or resource_type in parsing.get_model_map()


class _Types(Mapping[str, _Model]):
    """What creates resources, by their type."""

    def __getitem__(self, resource_type: str) -> _Model:
        bring_service_of(resource_type)
        return _imported()[resource_type]

    def __iter__(self) -> Iterator[str]:
        bring_services()
        return iter(_imported())

    def __len__(self) -> int:
        bring_services()
        return len(_imported())


class _NameProperties(Mapping[str, str]):
    """The property that names a resource, by its type."""

    def __init__(self, types: _Types) -> None:
        self._types = types

    def __getitem__(self, resource_type: str) -> str:
        return self._types[resource_type].cloudformation_name_type()  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)


def _imported() -> Mapping[str, _Model]:
    return _by_type(tuple(CloudFormationModel.__subclasses__()))


@functools.lru_cache(maxsize=1)
def _by_type(models: tuple[Any, ...]) -> Mapping[str, _Model]:
    return {model.cloudformation_type(): model for model in models}
