"""Fixtures of pytest: an emulated AWS, a deployed stack, and faults.

Every project that has the package installed loads this module, so it imports nothing slow.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pocketaws import Fault, LocalRuntime, Stack

_TEMPLATE = "pocketaws_template"
_PARAMETERS = "pocketaws_parameters"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings of pytest's configuration file."""
    parser.addini(
        _TEMPLATE,
        "the template that `pocketaws_stack` deploys, from the configuration file's folder",
        default="template.yaml",
    )
    parser.addini(_PARAMETERS, "its parameters, a line KEY=VALUE each", type="linelist")


@pytest.fixture(scope="session")
def pocketaws_runtime() -> Iterator["LocalRuntime"]:
    """Start the emulated AWS at the first test that asks for it; it ends with the session.

    There is one a process: moto keeps what is emulated in the process.
    """
    from pocketaws import LocalRuntime

    with LocalRuntime() as runtime:
        yield runtime


@pytest.fixture(scope="session")
def pocketaws_stack(pocketaws_runtime: "LocalRuntime", pytestconfig: pytest.Config) -> "Stack":
    """Deploy the project's template once; see `pocketaws_template`, `pocketaws_parameters`."""
    from pocketaws.commands.arguments import parameters, stack_name, template_path

    root = pytestconfig.inipath.parent if pytestconfig.inipath else pytestconfig.rootpath
    template = template_path(root / Path(pytestconfig.getini(_TEMPLATE)))
    return pocketaws_runtime.deploy(
        template,
        stack_name=stack_name(None, template),
        parameters=parameters(pytestconfig.getini(_PARAMETERS)),
    )


@pytest.fixture
def pocketaws_faults(pocketaws_runtime: "LocalRuntime") -> Iterator[list["Fault"]]:
    """Yield the list of faults that meet calls; what a test puts into it ends with the test."""
    yield pocketaws_runtime.faults
    pocketaws_runtime.faults.clear()
