"""What a service of AWS does as one of the account's roles."""

import threading
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from workflow.local.iam.enforcement import Credentials


class AssumedRoles:
    """The roles that one service assumes: their credentials, and clients that carry them.

    Args:
        session: makes the clients.
        assume: returns the credentials of a role's session with the service, by the role's ARN;
            raises ServiceError where it cannot be assumed.
        config: of the clients.
    """

    def __init__(
        self,
        session: boto3.Session,
        assume: Callable[[str], Credentials],
        *,
        config: Config | None = None,
    ) -> None:
        self._session = session
        self._assume = assume
        self._config = config
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def credentials(self, role_arn: str) -> Credentials:
        """Return a role's credentials.

        Raises:
            ServiceError: there is no such role, or it does not trust the service.
        """
        return self._assume(role_arn)

    def client(self, role_arn: str, service: str) -> Any:
        """Return a client of an emulated service whose calls are the role's; the same each time.

        Raises:
            ServiceError: there is no such role, or it does not trust the service.
        """
        credentials = self._assume(role_arn)
        with self._lock:
            key = (credentials.access_key_id, service)
            if key not in self._clients:
                self._clients[key] = self._session.client(
                    service,
                    aws_access_key_id=credentials.access_key_id,
                    aws_secret_access_key=credentials.secret_access_key,
                    aws_session_token=credentials.session_token,
                    config=self._config,
                )
            return self._clients[key]

    def close(self) -> None:
        """Close the clients' connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
