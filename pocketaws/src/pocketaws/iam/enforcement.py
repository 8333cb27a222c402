"""Refuses what a role's policies do not allow, and keeps what roles used.

What every call carries is an access key; a role's was given out by `Identities`, in the emulated
STS, for a function, a job, a model or an execution.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pocketaws.calls import Call, call_of, caller_of
from pocketaws.calls.refusal import Refusal
from pocketaws.iam.permissions import accesses_of, listing_of
from pocketaws.iam.policies import Access, Statement, decide

# What S3 answers 403 to, instead of 404, where the caller may not list the bucket.
_READING: Final = ("GetObject", "HeadObject")
# By botocore's name of the service: AWS's names for the same refusal.
_CODES: Final = {
    "sns": "AuthorizationError",
    "s3": "AccessDenied",
    "cloudformation": "AccessDenied",
}


@dataclass(frozen=True)
class Session:
    """A role that was assumed.

    Attributes:
        arn: of the session, as GetCallerIdentity returns it.
    """

    role_arn: str
    arn: str
    account_id: str


@dataclass(frozen=True)
class Credentials:
    """Of a role's session."""

    access_key_id: str
    secret_access_key: str
    session_token: str

    def environment(self) -> dict[str, str]:
        """Return the variables that every SDK reads them from."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }


class Identities(Protocol):
    """What the emulated IAM, STS and S3 know."""

    def session(self, access_key_id: str) -> Session | None:
        """Return the session of a role's access key; None for any other key."""

    def statements(self, role_arn: str) -> Sequence[Statement]:
        """Return the statements of all policies of a role."""

    def has_bucket(self, name: str) -> bool:
        """Tell whether S3 has a bucket."""

    def has_object(self, bucket_name: str, key: str) -> bool:
        """Tell whether S3 holds an object."""


@dataclass(frozen=True)
class Used:
    """An access that a role asked for, and whether it was allowed."""

    role_arn: str
    access: Access
    allowed: bool


class Enforcement:
    """Decides the calls that carry a role's identity.

    Attributes:
        used: the accesses that roles asked for, each once; None while nobody wants to know.
    """

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._lock = threading.Lock()
        self.used: set[Used] | None = None

    def refusal(self, environ: dict[str, Any]) -> Refusal | None:
        """Return why a WSGI request is refused; None if it may go on."""
        caller = caller_of(environ)
        if caller is None:
            return None
        session = self._identities.session(caller.access_key_id)
        if session is None:
            return None
        call = call_of(environ)
        assert call is not None, "a signed request names its service"  # noqa: S101
        if self._is_of_no_bucket(call):
            return None
        accesses = accesses_of(call, session.account_id)
        if accesses is None:
            return _unknown(call)
        return self._decide(call, session, [*accesses, *self._telling(call)])

    def _is_of_no_bucket(self, call: Call) -> bool:
        """Tell whether S3 answers NoSuchBucket, which it does to anybody."""
        name = call.parameters.get("Bucket", "")
        return call.service == "s3" and not self._identities.has_bucket(name)

    def _telling(self, call: Call) -> list[Access]:
        """Return what S3 asks for before it tells that an object is missing."""
        if call.service != "s3" or call.operation not in _READING:
            return []
        bucket_name, key = call.parameters["Bucket"], call.parameters["Key"]
        missing = not self._identities.has_object(bucket_name, key)
        return [listing_of(bucket_name)] if missing else []

    def _decide(self, call: Call, session: Session, accesses: Sequence[Access]) -> Refusal | None:
        statements = self._identities.statements(session.role_arn)
        for access in accesses:
            decision = decide(statements, access)
            self.keep(Used(session.role_arn, access, decision.allowed))
            if not decision.allowed:
                return Refusal(
                    _CODES.get(call.service, "AccessDeniedException"),
                    f"User: {session.arn} is not authorized to perform: {access.action} on "
                    f"resource: {access.resource} {decision.reason(access.action)}",
                )
        return None

    def keep(self, used: Used) -> None:
        """Keep what a role asked for, if somebody wants to know."""
        if self.used is not None:
            with self._lock:
                self.used.add(used)


def _unknown(call: Call) -> Refusal:
    return Refusal(
        _CODES.get(call.service, "AccessDeniedException"),
        f"the local runtime does not know which permissions {call.service} "
        f"{call.operation or 'this call'} needs, so no role may make it here; add it to "
        "pocketaws/src/pocketaws/iam/permissions.py",
    )
