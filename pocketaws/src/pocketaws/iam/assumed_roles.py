"""What a service of AWS does as one of the account's roles."""

import threading
from collections.abc import Callable
from typing import Any

from pocketaws.iam.enforcement import Credentials


class AssumedRoles:
    """The roles that one service assumes: their credentials, and clients that carry them.

    Args:
        make_client: makes a client of an emulated service with given credentials; one at a time,
            since a session of boto3 makes one at a time.
        assume: returns the credentials of a role's session with the service, by the ARNs of the
            role and of the resource that the service acts for ("" where trust policies cannot
            name one); raises ServiceError where it cannot be assumed.
    """

    def __init__(
        self,
        make_client: Callable[[str, Credentials], Any],
        assume: Callable[[str, str], Credentials],
    ) -> None:
        self._make_client = make_client
        self._assume = assume
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def credentials(self, role_arn: str, *, source_arn: str = "") -> Credentials:
        """Return a role's credentials.

        Raises:
            ServiceError: there is no such role, or it does not trust the service.
        """
        return self._assume(role_arn, source_arn)

    def client(self, role_arn: str, service: str, *, source_arn: str = "") -> Any:
        """Return a client of an emulated service whose calls are the role's; the same each time.

        Raises:
            ServiceError: there is no such role, or it does not trust the service.
        """
        credentials = self._assume(role_arn, source_arn)
        with self._lock:
            key = (credentials.access_key_id, service)
            if key not in self._clients:
                self._clients[key] = self._make_client(service, credentials)
            return self._clients[key]

    def close(self) -> None:
        """Close the clients' connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
