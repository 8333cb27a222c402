"""What the emulated IAM, STS and S3 know of keys, roles and buckets; see `iam.enforcement`."""

import datetime
import functools
import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from moto.iam.exceptions import NotFoundException
from moto.iam.models import ManagedPolicy, Role, User, iam_backends
from moto.s3.models import CorsRule, FakeBucket, FakeDeleteMarker, s3_backends
from moto.sts.models import AssumedRole, sts_backends

from pocketaws.errors import ServiceError
from pocketaws.iam.enforcement import Credentials
from pocketaws.iam.policies import ANYBODY, Access, Statement, decide, statements_of, trusts
from pocketaws.partitions import partition_of, regions
from pocketaws.wire.cors import OriginRule
from pocketaws.wire.keys import Identity, Key

# What STS says of a service's session. It is not held to that: see `Roles.assume`.
_SESSION_SECONDS: Final = 36 * 3600


class Roles:
    """The roles, users and buckets of the emulated account; implements `Identities` and `Keys`.

    Args:
        account_id: of the account.
        region: that sessions are made in.
        administrator: the key of who may do anything.
    """

    def __init__(self, account_id: str, region: str, administrator: Key) -> None:
        self._account_id = account_id
        self.region = region
        self._administrator = administrator
        self._partition = partition = partition_of(region)
        self._regions = {name for name, of in regions().items() if of["name"] == partition}
        arn = f"arn:{partition}:iam::{account_id}:user/local"
        self.administrator = Identity(arn, arn, account_id)
        self._sessions: dict[str, Key] = {}
        self._credentials: dict[tuple[str, str], Credentials] = {}
        self._lock = threading.Lock()

    def assume(
        self, role_arn: str, service: str, *, session_name: str, source_arn: str = ""
    ) -> Credentials:
        """Return the credentials of a role's session for a service of AWS; always the same.

        They have no end. On AWS what runs as a role gets new ones before the old ones end: the
        containers of jobs and endpoints by the address that the SDKs' container provider asks
        (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html), a
        function with its environment. A process here gets its own once, in its environment, and
        may run for days, or through a jump of the clock.

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
            credentials = self._credentials.get((role_arn, session_name))
            if credentials is None:
                credentials = self._assumed(role_arn, session_name)
                self._credentials[role_arn, session_name] = credentials
            return credentials

    def key(self, access_key_id: str) -> Key | None:
        """Return a key that is known and active: the administrator's, a session's or a user's."""
        if access_key_id == self._administrator.access_key_id:
            return self._administrator
        known = self._sessions.get(access_key_id)
        if known is not None:
            return known
        # Somebody has called AssumeRole, or CreateAccessKey.
        assumed = sts_backends[self._account_id][self._partition].get_assumed_role_from_access_key(
            access_key_id
        )
        if assumed is None:
            return self._users_key(access_key_id)
        key = self._sessions[access_key_id] = _session_key(assumed)
        return key

    def has_region(self, region: str) -> bool:
        """Tell whether a region is of the account's partition."""
        return region in self._regions

    def trust(self, role_arn: str) -> Sequence[Statement] | None:
        """Return the statements of a role's trust policy; None where there is no such role."""
        role = self._role(role_arn)
        return None if role is None else _statements("trust", role.assume_role_policy_document)

    def statements(self, arn: str) -> Sequence[Statement]:
        """Return the statements of all policies of a role or a user; none where it is gone."""
        holders: list[Any] = [self._role(arn)] if ":role/" in arn else self._user_and_groups(arn)
        return [
            statement
            for holder in holders
            if holder is not None
            for name, document in _policies(holder)
            for statement in _statements(name, document)
        ]

    def lets_anybody(self, bucket_name: str, action: str, key: str) -> bool:
        """Tell whether a bucket's policy lets anybody do something."""
        bucket = self.bucket(bucket_name)
        if bucket is None or not bucket.policy:
            return False
        block = bucket.public_access_block
        if block is not None and _is_true(block.restrict_public_buckets):
            return False
        resource = f"arn:{self._partition}:s3:::{bucket_name}" + (f"/{key}" if key else "")
        document = bucket.policy
        text = document.decode() if isinstance(document, bytes) else document
        public = [one for one in _statements("bucket", text) if ANYBODY in one.principals]
        return decide(public, Access(action, resource)).allowed

    def cors_rules(self, bucket_name: str) -> Sequence[OriginRule]:
        """Return a bucket's rules for pages of other origins, none where there is no bucket."""
        bucket = self.bucket(bucket_name)
        return [_rule(rule) for rule in bucket.cors] if bucket is not None else []

    def bucket(self, name: str) -> FakeBucket | None:
        """Return a bucket of moto's by its name."""
        return s3_backends[self._account_id][self._partition].buckets.get(name)

    def has_bucket(self, name: str) -> bool:
        """Tell whether S3 has a bucket."""
        return self.bucket(name) is not None

    def has_object(self, bucket_name: str, key: str) -> bool:
        """Tell whether S3 holds an object."""
        bucket = self.bucket(bucket_name)
        found = None if bucket is None else bucket.keys.get(key)
        # In a bucket with versions, what was deleted ends in a marker.
        return found is not None and not isinstance(found, FakeDeleteMarker)

    def _check(self, role_arn: str, service: str, source_arn: str) -> None:
        role = self._role(role_arn)
        trust = [] if role is None else _statements("trust", role.assume_role_policy_document)
        source = {
            "account_id": self._account_id,
            "region": self.region,
            "source_arn": source_arn,
        }
        if not trusts(trust, service=service, **source):
            raise ServiceError(
                "ValidationException",
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
                f"principal '{service}' to assume the role.",
            )

    def _assumed(self, role_arn: str, session_name: str) -> Credentials:
        backend = sts_backends[self._account_id][self._partition]
        assumed = backend.assume_role(self.region, session_name, role_arn, "", _SESSION_SECONDS, "")
        key = self._sessions[assumed.access_key_id] = replace(_session_key(assumed), expires=None)
        return Credentials(key.access_key_id, key.secret, key.token)

    def _users_key(self, access_key_id: str) -> Key | None:
        backend = iam_backends[self._account_id][self._partition]
        user = backend.get_user_from_access_key_id(access_key_id)
        if user is None:
            return None
        found = next(one for one in user.access_keys if one.access_key_id == access_key_id)
        if found.status != "Active":
            return None
        identity = Identity(user.arn, user.arn, self._account_id)
        return Key(access_key_id, found.secret_access_key, identity)

    def _user_and_groups(self, arn: str) -> list[Any]:
        backend = iam_backends[self._account_id][self._partition]
        users: list[User] = [user for user in backend.users.values() if user.arn == arn]
        groups = [
            group for user in users for group in backend.groups.values() if user in group.users
        ]
        return [*users, *groups]

    def _role(self, role_arn: str) -> Role | None:
        try:
            return iam_backends[self._account_id][self._partition].get_role_by_arn(role_arn)
        except NotFoundException:
            return None


def _session_key(assumed: AssumedRole) -> Key:
    identity = Identity(assumed.arn, assumed.role_arn, assumed.account_id)
    expires = assumed.expiration.replace(tzinfo=datetime.UTC)
    return Key(
        assumed.access_key_id, assumed.secret_access_key, identity, assumed.session_token, expires
    )


def _policies(holder: Any) -> list[tuple[str, Any]]:
    managed = [(item.name, _document(item)) for item in holder.managed_policies.values()]
    return [*holder.policies.items(), *managed]


def _rule(rule: CorsRule) -> OriginRule:
    age = rule.max_age_seconds
    return OriginRule(
        tuple(rule.allowed_origins or ()),
        tuple(rule.allowed_methods or ()),
        tuple(rule.allowed_headers or ()),
        tuple(rule.exposed_headers or ()),
        None if age is None else int(age),
        is_credentialed="*" not in (rule.allowed_origins or ()),
    )


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _document(policy: ManagedPolicy) -> Any:
    default = policy.default_version_id
    return next(one.document for one in policy.versions if one.version_id == default)


def _statements(policy: str, document: Any) -> Sequence[Statement]:
    # A stack's are objects still, those of API calls texts.
    return _parsed(policy, document if isinstance(document, str) else json.dumps(document))


@functools.lru_cache(maxsize=1024)
def _parsed(policy: str, document: str) -> tuple[Statement, ...]:
    return tuple(statements_of(json.loads(document), policy=policy))
