"""Answers held to botocore's output shapes, as they come and before botocore reads them."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "double": (int, float),
    "float": (int, float),
    "integer": (int,),
    "long": (int,),
    "string": (str,),
    # SageMaker tells seconds since 1970.
    "timestamp": (int, float),
}


class Answers:
    """The last answer of a client, in JSON."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.last: Any = None
        client.meta.events.register("before-parse", self._keep)

    def problems(self, method: str, **request: Any) -> list[str]:
        """Make a call and return what its answer has too much, too little, or of another type."""
        getattr(self.client, method)(**request)
        operation = self.client.meta.method_to_api_mapping[method]
        shape = self.client.meta.service_model.operation_model(operation).output_shape
        return [f"{operation}{problem}" for problem in shape_problems(self.last, shape, "")]

    def _keep(self, response_dict: dict[str, Any], **_: Any) -> None:
        self.last = json.loads(response_dict["body"] or "{}")


def shape_problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """Yield what a value is that its shape does not say."""
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is no structure"
            return
        yield from (f"{path}.{name} lacks" for name in shape.required_members if name not in value)
        yield from (f"{path}.{name} is unknown" for name in value if name not in shape.members)
        for name in value.keys() & shape.members.keys():
            yield from shape_problems(value[name], shape.members[name], f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for number, item in enumerate(value):
            yield from shape_problems(item, shape.member, f"{path}[{number}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from shape_problems(item, shape.value, f"{path}.{key}")
    elif not isinstance(value, _TYPES.get(shape.type_name, (object,))):
        yield f"{path}: {value!r} is no {shape.type_name}"


def parsed_problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """Yield what a value that botocore has read lacks by its shape."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        yield from (f"{path}.{name} lacks" for name in shape.required_members if name not in value)
        for name in value.keys() & shape.members.keys():
            yield from parsed_problems(value[name], shape.members[name], f"{path}.{name}")
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, item in enumerate(value):
            yield from parsed_problems(item, shape.member, f"{path}[{number}]")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from parsed_problems(item, shape.value, f"{path}.{key}")
