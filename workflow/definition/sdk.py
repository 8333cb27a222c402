"""The parts of the AWS Step Functions Data Science SDK that make the definition.

`stepfunctions` 2.3.0 asks `pkg_resources`, which setuptools has dropped, for its own version and
nothing else. While it is imported, a module that can answer that stands in.

Importing this module imports the SDK, which takes seconds.
"""

import importlib.metadata
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Final

_ASKED: Final = "pkg_resources"


@contextmanager
def _versions_on_request() -> Iterator[None]:
    """Have `pkg_resources.require(name)[0].version` work, where the real one is not imported."""
    if _ASKED in sys.modules:
        yield
        return
    module = ModuleType(_ASKED)
    module.require = _require  # type: ignore[attr-defined] # as the real one has it
    sys.modules[_ASKED] = module
    try:
        yield
    finally:
        del sys.modules[_ASKED]


def _require(name: str) -> list[SimpleNamespace]:
    return [SimpleNamespace(version=importlib.metadata.version(name))]


with _versions_on_request():
    from stepfunctions import steps
    from stepfunctions.steps.states import Graph, State

__all__ = ["Graph", "State", "steps"]
