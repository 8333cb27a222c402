"""Clients of the emulated services: the administrator's, and those that carry a role."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.iam.enforcement import Credentials, Enforcement, Used
from pocketaws.iam.moto.roles import Roles
from pocketaws.iam.policies import Access
from pocketaws.wire.in_process import InProcess


class Clients:
    """Makes clients and keeps them; one at a time, as a session of boto3 needs it.

    Args:
        session: of the emulator.
        roles: of the emulated account.
        enforcement: keeps which roles are assumed.
        in_process: answers what the clients ask.
        files: has the administrator's client of S3 hand files over.
    """

    def __init__(
        self,
        session: boto3.Session,
        roles: Roles,
        enforcement: Enforcement,
        in_process: InProcess,
        *,
        files: Callable[[Any], None],
    ) -> None:
        self._session = session
        self._files = files
        self._in_process = in_process
        self._roles = roles
        self._enforcement = enforcement
        self._clients: dict[str, Any] = {}
        self._assumed: list[AssumedRoles] = []
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        """Return the administrator's client of a service; the same one each time."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._own(service)
            return self._clients[service]

    def _own(self, service: str) -> Any:
        client = self._new(service)
        if service == "s3":
            self._files(client)
        return client

    def _new(self, service: str, **more: Any) -> Any:
        client = self._session.client(service, **more)
        self._in_process.attach(client)
        return client

    def assumed_by(
        self,
        service: str,
        session_name: str,
        *,
        config: Config | None = None,
        plain_calls: Callable[[Any, str], None] | None = None,
    ) -> AssumedRoles:
        """Return the roles that a service of AWS assumes.

        Args:
            service: such as "lambda.amazonaws.com".
            session_name: what it calls its sessions.
            config: of the clients that carry a role.
            plain_calls: has a client of S3, with the id of its key, need no requests.
        """

        def assume(role_arn: str, source_arn: str) -> Credentials:
            credentials = self._roles.assume(
                role_arn, service, session_name=session_name, source_arn=source_arn
            )
            self._enforcement.keep(Used(role_arn, Access("sts:AssumeRole", service), allowed=True))
            return credentials

        def make_client(name: str, credentials: Credentials) -> Any:
            with self._lock:
                client = self._new(
                    name,
                    aws_access_key_id=credentials.access_key_id,
                    aws_secret_access_key=credentials.secret_access_key,
                    aws_session_token=credentials.session_token,
                    config=config,
                )
            if plain_calls is not None and name == "s3":
                plain_calls(client, credentials.access_key_id)
            return client

        roles = AssumedRoles(make_client, assume)
        self._assumed.append(roles)
        return roles

    def close(self) -> None:
        """Close every connection."""
        for roles in self._assumed:
            roles.close()
        for client in self._clients.values():
            client.close()
        self._clients.clear()


@contextmanager
def default_session(region: str) -> Iterator[boto3.Session]:
    """Make boto3's default session, which moto's engine uses, one of the emulator's."""
    session = boto3.Session(region_name=region)
    before, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, session
    try:
        yield session
    finally:
        boto3.DEFAULT_SESSION = before
