"""The emulated AWS of these tests: one a process, shared with whatever else the session tests."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

# Examples have no time limit, as they have none in CI by hypothesis' own profile: a machine may do
# other things, too.
settings.register_profile(
    "unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")
# Before an OpenMP is loaded: threads that wait by spinning take the time of the other tests.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# In the background, or under nohup, a runner ignores these, and so would what the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# Before moto is imported, which fails on a profile that is not there.
for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]

from pocketaws.runtime import LocalRuntime  # noqa: E402


@pytest.fixture(scope="session")
def runtime(pocketaws_runtime: LocalRuntime) -> LocalRuntime:
    return pocketaws_runtime
