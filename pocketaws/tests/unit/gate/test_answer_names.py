"""Members of answers are looked for by the names that moto finds out for each."""

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import Shape
from moto.core import serialize
from moto.core.utils import get_service_model

from pocketaws.gate.moto import answer_names


@pytest.fixture(scope="module")
def untouched() -> Any:
    """moto's serializer anew, since a runtime may have changed the other."""
    spec = importlib.util.find_spec("moto.core.serialize")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.XFormedAttributePicker()


def members(shape: Shape, depth: int = 5) -> Iterator[tuple[str, Shape]]:
    """Yield the members of an answer, with their parents set as the serializer does."""
    if depth and shape.type_name == "structure":
        for name, member in shape.members.items():
            member.parent = shape
            yield name, member
            yield from members(member, depth - 1)
    elif depth and shape.type_name == "list":
        yield from members(shape.member, depth - 1)


def answered(name: str) -> list[Any]:
    """Return what a member may be looked for in: a mapping, and classes of several names."""
    of_prefix = type(name[:4], (), {})()
    with_aliases = type("Aliased", (), {})()
    with_aliases.Meta = type("Meta", (), {"serialization_aliases": {name: "other"}})
    return [{}, of_prefix, with_aliases]


@pytest.mark.parametrize("service", ["stepfunctions", "iam", "ssm", "rds"])
def test_the_names_are_motos_in_its_order(untouched: Any, service: str) -> None:
    (change,) = answer_names.changes()
    model = get_service_model(service)
    picker = serialize.XFormedAttributePicker()
    outputs = [model.operation_model(name).output_shape for name in model.operation_names[:25]]
    compared = 0

    for output in filter(None, outputs):
        for name, member in members(output):
            for obj in answered(name):
                context = serialize.AttributePickerContext(obj=obj, key=name, shape=member)
                expected = list(dict.fromkeys(untouched.get_possible_keys(context)))
                for _ in range(2):
                    assert list(dict.fromkeys(change.value(picker, context))) == expected
                compared += 1

    assert compared > 100
