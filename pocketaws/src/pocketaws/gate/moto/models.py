"""moto's descriptions of services, read as botocore's: each look-up goes over all folders else."""

import functools
from typing import Any

from moto.core import loaders, utils

from pocketaws.change import Change
from pocketaws.model_files import ModelLoader


class _MotoModels(ModelLoader, loaders.Loader):  # type: ignore[misc] # moto has no types
    """Finds what moto adds to botocore's descriptions, as its own."""


def changes() -> list[Change]:
    """Return what to change in moto's reading: one reader, which keeps what it has read."""
    return [Change(utils, "_load_service_model", _load)]


def _load(service_name: str, model_name: str) -> Any:
    return _loader().load_service_model(service_name, model_name)


@functools.cache
def _loader() -> _MotoModels:
    return _MotoModels(extra_search_paths=[loaders.moto_root])
