"""Fixtures of pytest: an emulated AWS for the whole session, once a process."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pocketaws.runtime import LocalRuntime


@pytest.fixture(scope="session")
def pocketaws_runtime() -> Iterator["LocalRuntime"]:
    """Start the emulated AWS at the first test that asks for it; it ends with the session."""
    # Imported here: pytest loads this module for every project that has the package installed.
    from pocketaws.runtime import LocalRuntime

    with LocalRuntime() as runtime:
        yield runtime
