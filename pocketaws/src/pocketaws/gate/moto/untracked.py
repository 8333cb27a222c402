"""moto lists every instance of its models for ever, for a page that this runtime does not have."""

from typing import Any

from moto.core.common_models import BaseModel
from moto.s3.models import FakeMultipart

from pocketaws.change import Change


def changes() -> list[Change]:
    """Return what to change in moto: what is deleted, replaced or packed is let go."""
    return [Change(BaseModel, "__new__", staticmethod(_new))]


def _new(cls: type[BaseModel], *_: Any, **__: Any) -> BaseModel:
    instance: BaseModel = super(BaseModel, cls).__new__(cls)
    # Of these moto closes the files that are open at its end.
    if issubclass(cls, FakeMultipart):
        cls.instances_tracked.append(instance)
    return instance
