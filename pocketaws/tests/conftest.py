"""The emulated AWS of these tests: one a process, shared with whatever else the session tests."""

import os

import pytest

# Before an OpenMP is loaded: threads that wait by spinning take the time of the other tests.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Before moto is imported, which fails on a profile that is not there.
for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]

from pocketaws.runtime import LocalRuntime  # noqa: E402


@pytest.fixture(scope="session")
def runtime(pocketaws_runtime: LocalRuntime) -> LocalRuntime:
    return pocketaws_runtime
