"""What moto finds out anew at each request is kept."""

from concurrent.futures import ThreadPoolExecutor

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import backend_lock
from moto.ssm.models import ssm_backends

from pocketaws.runtime import LocalRuntime


def test_an_account_in_use_is_found_without_waiting_for_other_requests(
    runtime: LocalRuntime,
) -> None:
    runtime.client("ssm").describe_parameters()
    before = ssm_backends[DEFAULT_ACCOUNT_ID]

    with backend_lock, ThreadPoolExecutor() as threads:
        found = threads.submit(ssm_backends.__getitem__, DEFAULT_ACCOUNT_ID)
        assert found.result(timeout=60) is before
