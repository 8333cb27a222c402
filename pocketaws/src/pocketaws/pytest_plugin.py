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
def pocketaws_runtime(pytestconfig: pytest.Config) -> Iterator["LocalRuntime"]:
    """Start the emulated AWS at the first test that asks for it; it ends with the session.

    A `pocketaws.toml` beside the template says what the emulator has to know beside it.

    There is one a process: moto keeps what is emulated in the process.
    """
    from pocketaws import LocalRuntime
    from pocketaws.additions import additions_beside

    with LocalRuntime(additions=additions_beside(_template(pytestconfig))) as runtime:
        yield runtime


@pytest.fixture(scope="session")
def pocketaws_stack(pocketaws_runtime: "LocalRuntime", pytestconfig: pytest.Config) -> "Stack":
    """Deploy the project's template once; see `pocketaws_template`, `pocketaws_parameters`."""
    from pocketaws.commands.arguments import parameters, stack_name, template_path

    template = template_path(_template(pytestconfig))
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


def _template(config: pytest.Config) -> Path:
    """Return where the setting says that the template is; a folder may hold it."""
    root = config.inipath.parent if config.inipath else config.rootpath
    return root / Path(config.getini(_TEMPLATE))
