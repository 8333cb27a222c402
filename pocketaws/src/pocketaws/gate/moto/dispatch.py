"""What moto finds out anew at each request, kept: which service a host is, what a class answers."""

import functools
from typing import Any, Final

from moto.core import responses
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from pocketaws.change import Change

# A host for each service and region that is asked for.
_HOSTS: Final = 1024


def changes() -> list[Change]:
    """Return what to change in moto's dispatch of requests."""
    names = functools.cache(responses.method_names_from_class)
    backend = functools.lru_cache(_HOSTS)(DomainDispatcherApplication.get_backend_for_host)

    def get_backend_for_host(self: DomainDispatcherApplication, host: str | None) -> Any:
        return backend(self, host)

    return [
        Change(responses, "method_names_from_class", names),
        Change(DomainDispatcherApplication, "get_backend_for_host", get_backend_for_host),
    ]
