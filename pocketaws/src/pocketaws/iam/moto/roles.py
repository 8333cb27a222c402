"""What the emulated IAM, STS and S3 know of roles; see `iam.enforcement`."""

import functools
import json
import threading
from collections.abc import Sequence
from typing import Any, Final

from moto.iam.exceptions import NotFoundException
from moto.iam.models import ManagedPolicy, Role, iam_backends
from moto.s3.models import s3_backends
from moto.sts.models import sts_backends

from pocketaws.errors import ServiceError
from pocketaws.iam.enforcement import Credentials, Session
from pocketaws.iam.policies import Statement, statements_of, trusts

_PARTITION: Final = "aws"
_SESSION_SECONDS: Final = 3600


class Roles:
    """The roles of the emulated account; implements `iam.enforcement.Identities`.

    Args:
        account_id: of the account.
        region: that sessions are made in.
    """

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region
        self._sessions: dict[str, Session] = {}
        self._credentials: dict[tuple[str, str], Credentials] = {}
        self._lock = threading.Lock()

    def assume(
        self, role_arn: str, service: str, *, session_name: str, source_arn: str = ""
    ) -> Credentials:
        """Return the credentials of a role's session for a service of AWS; the same each time.

        Args:
            role_arn: of the role.
            service: such as "lambda.amazonaws.com".
            session_name: what the service calls its session.
            source_arn: of the resource that the service acts for, where trust policies name it.

        Raises:
            ServiceError: there is no such role, or its trust policy does not name the service.
        """
        self._check(role_arn, service, source_arn)
        with self._lock:
            key = (role_arn, session_name)
            if key not in self._credentials:
                self._credentials[key] = self._assumed(role_arn, session_name)
            return self._credentials[key]

    def session(self, access_key_id: str) -> Session | None:
        """Return the session of a role's access key; None for any other key."""
        known = self._sessions.get(access_key_id)
        if known is not None or not access_key_id.startswith("ASIA"):
            return known
        # Somebody has called AssumeRole.
        backend = sts_backends[self._account_id][_PARTITION]
        assumed = backend.get_assumed_role_from_access_key(access_key_id)
        return assumed and Session(assumed.role_arn, assumed.arn, assumed.account_id)

    def statements(self, role_arn: str) -> Sequence[Statement]:
        """Return the statements of all policies of a role; none of a role that is gone."""
        role = self._role(role_arn)
        if role is None:
            return []
        inline = list(role.policies.items())
        managed = [(item.name, _document(item)) for item in role.managed_policies.values()]
        return [
            statement
            for name, document in [*inline, *managed]
            for statement in _statements(name, document)
        ]

    def has_bucket(self, name: str) -> bool:
        """Tell whether S3 has a bucket."""
        return name in s3_backends[self._account_id][_PARTITION].buckets

    def has_object(self, bucket_name: str, key: str) -> bool:
        """Tell whether S3 holds an object."""
        bucket = s3_backends[self._account_id][_PARTITION].buckets.get(bucket_name)
        return bucket is not None and key in bucket.keys

    def _check(self, role_arn: str, service: str, source_arn: str) -> None:
        role = self._role(role_arn)
        trust = [] if role is None else _statements("trust", role.assume_role_policy_document)
        source = {"account_id": self._account_id, "source_arn": source_arn}
        if not trusts(trust, service=service, **source):
            raise ServiceError(
                "ValidationException",
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
                f"principal '{service}' to assume the role.",
            )

    def _assumed(self, role_arn: str, session_name: str) -> Credentials:
        backend = sts_backends[self._account_id][_PARTITION]
        assumed = backend.assume_role(
            self._region, session_name, role_arn, "", _SESSION_SECONDS, ""
        )
        key = assumed.access_key_id
        self._sessions[key] = Session(role_arn, assumed.arn, assumed.account_id)
        return Credentials(key, assumed.secret_access_key, assumed.session_token)

    def _role(self, role_arn: str) -> Role | None:
        try:
            return iam_backends[self._account_id][_PARTITION].get_role_by_arn(role_arn)
        except NotFoundException:
            return None


def _document(policy: ManagedPolicy) -> Any:
    default = policy.default_version_id
    return next(one.document for one in policy.versions if one.version_id == default)


def _statements(policy: str, document: Any) -> Sequence[Statement]:
    # A stack's are objects still, those of API calls texts.
    return _parsed(policy, document if isinstance(document, str) else json.dumps(document))


@functools.lru_cache(maxsize=1024)
def _parsed(policy: str, document: str) -> tuple[Statement, ...]:
    return tuple(statements_of(json.loads(document), policy=policy))
