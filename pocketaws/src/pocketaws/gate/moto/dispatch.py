"""What moto finds out at each request, kept: a host's service, a class's answers, an account."""

import functools
from typing import Any, Final

from moto import backends
from moto.core import responses
from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from pocketaws.change import Change
from pocketaws.gate.moto import answer_names, deferred, missing, models
from pocketaws.gate.moto.spared import bring

# A host for each service and region that is asked for.
_HOSTS: Final = 1024


def changes() -> list[Change]:
    """Return what to change in moto's dispatch of requests."""
    names = functools.cache(responses.method_names_from_class)
    backend = functools.lru_cache(_HOSTS)(DomainDispatcherApplication.get_backend_for_host)

    def get_backend_for_host(self: DomainDispatcherApplication, host: str | None) -> Any:
        if host is not None and not is_known(self, host):
            raise missing.no_service(host)
        return backend(self, host)

    @functools.lru_cache(_HOSTS)
    def is_known(application: DomainDispatcherApplication, host: str) -> bool:
        if host in {"moto_api", *backends.list_of_moto_modules()}:
            return True
        patterns = (pattern for _, pattern in application.backend_url_patterns)
        return any(pattern.match(f"http://{host}") for pattern in patterns)

    of_account = BackendDict.__getitem__

    def backends_of(self: BackendDict[Any], account_id: str) -> Any:
        # moto looks for the service among all that are in use, under one lock, each time.
        if account_id in self:
            return dict.__getitem__(self, account_id)
        return of_account(self, account_id)

    def import_backend(module_name: str, backends_name: str) -> Any:
        return getattr(bring(f"moto.{module_name}"), backends_name)

    return [
        Change(BackendDict, "__getitem__", backends_of),
        Change(backends, "_import_backend", import_backend),
        Change(responses, "method_names_from_class", names),
        Change(DomainDispatcherApplication, "get_backend_for_host", get_backend_for_host),
        *missing.changes(),
        *models.changes(),
        *answer_names.changes(),
        *deferred.changes(),
    ]
