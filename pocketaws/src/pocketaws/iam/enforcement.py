"""Refuses what a caller's policies do not allow, and keeps what roles used.

Who calls is known by then (`gate.authentication`): a role's session, which was given out for a
function, a job, a model or an execution, or a user; or the administrator, who may do anything but
assume a role that does not trust them.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from pocketaws.calls import Call, call_of
from pocketaws.iam.permissions import accesses_of, listing_of
from pocketaws.iam.policies import Access, Statement, decide, lets_assume
from pocketaws.wire.authentication import Caller
from pocketaws.wire.buckets import is_bucket_name
from pocketaws.wire.front import World
from pocketaws.wire.keys import Identity
from pocketaws.wire.refusals import Refusal

# What S3 answers 403 to, instead of 404, where the caller may not list the bucket.
_READING: Final = ("GetObject", "HeadObject")
_S3: Final = "s3"
_STS: Final = "sts"
_ASSUMING: Final = ("AssumeRole", "AssumeRoot")
_EXPECTED_OWNERS: Final = (
    "HTTP_X_AMZ_EXPECTED_BUCKET_OWNER",
    "HTTP_X_AMZ_SOURCE_EXPECTED_BUCKET_OWNER",
)
_WITHOUT_BUCKET: Final = ("ListBuckets", "CreateBucket")
# Where the account stands in an ARN.
_ACCOUNT: Final = 4
# By the service that calls are signed for: AWS's names for the same refusal.
_CODES: Final = {
    "sns": "AuthorizationError",
    **dict.fromkeys(
        (
            "s3",
            "cloudformation",
            "sts",
            "iam",
            "autoscaling",
            "elasticloadbalancing",
            "rds",
            "redshift",
            "cloudfront",
            "route53",
        ),
        "AccessDenied",
    ),
    "ec2": "UnauthorizedOperation",
}


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


class Identities(World, Protocol):
    """What the emulated IAM, STS and S3 know.

    Attributes:
        administrator: who the administrator is.
    """

    administrator: Identity

    def statements(self, arn: str) -> Sequence[Statement]:
        """Return the statements of all policies of a role or a user."""

    def trust(self, role_arn: str) -> Sequence[Statement] | None:
        """Return the statements of a role's trust policy; None where there is no such role."""

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
        self.identities = identities
        self._lock = threading.Lock()
        self.used: set[Used] | None = None

    def refusal(self, environ: dict[str, Any], caller: Caller) -> Refusal | None:
        """Return why a WSGI request is refused; None if it may go on."""
        if caller.service == _S3 and self._names_other_owner(environ):
            return Refusal("AccessDenied", "Access Denied")
        if caller.key.identity is None and caller.service != _STS:
            return None
        call = call_of(environ)
        assert call is not None, "a signed request names its service"  # noqa: S101
        return _unclear(call) or self.refusal_of(call, caller)

    def refusal_of(self, call: Call, caller: Caller) -> Refusal | None:
        """Return why a call is refused; None if it may go on."""
        identity = caller.key.identity
        if call.service == _STS and call.operation in _ASSUMING:
            return self._refusal_to_assume(call, caller)
        if identity is None:
            return None
        if call.service == _S3 and call.operation not in ("", *_WITHOUT_BUCKET):
            refusal = self._refusal_of_bucket(call)
            if refusal is not None:
                return refusal
        accesses = accesses_of(call, identity.account_id)
        return self._decide(call, identity, [*accesses, *self._telling(call)])

    def lets_use_url(self, caller: Caller, function_arn: str) -> bool:
        """Tell whether a caller's own policies let them use a function's URL with a signature.

        https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        """
        identity = caller.key.identity
        if identity is None:
            return True
        statements = self.identities.statements(identity.policies_arn)
        context = (("lambda:FunctionUrlAuthType", "AWS_IAM"),)
        via_url = (("lambda:InvokedViaFunctionUrl", "true"),)
        return all(
            decide(statements, access).allowed
            for access in (
                Access("lambda:InvokeFunctionUrl", function_arn, context),
                Access("lambda:InvokeFunction", function_arn, via_url),
            )
        )

    def _names_other_owner(self, environ: dict[str, Any]) -> bool:
        """Tell whether a request expects a bucket to be another account's.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
        """
        own = self.identities.administrator.account_id
        return any(environ.get(name, own) != own for name in _EXPECTED_OWNERS)

    def _refusal_of_bucket(self, call: Call) -> Refusal | None:
        """Return S3's answer for a bucket that is not there, which anybody gets."""
        name = call.parameters.get("Bucket", "")
        if not is_bucket_name(name):
            return Refusal("InvalidBucketName", "The specified bucket is not valid.", 400)
        if not self.identities.has_bucket(name):
            return Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
        return None

    def _refusal_to_assume(self, call: Call, caller: Caller) -> Refusal | None:
        """Return why a role is not assumed: it is not there, or does not trust who asks."""
        identity = caller.key.identity or self.identities.administrator
        role_arn = str(call.parameters.get("RoleArn", ""))
        statements = self.identities.trust(role_arn)
        access = Access(f"sts:{call.operation}", role_arn)
        may = caller.key.identity is None or self._is_allowed(identity, access)
        if statements is not None and lets_assume(
            statements,
            principals=(identity.arn, identity.policies_arn),
            account_id=identity.account_id if may else "",
            external_id=str(call.parameters.get("ExternalId", "")),
        ):
            return None
        return _denied(call, identity, access, "")

    def _is_allowed(self, identity: Identity, access: Access) -> bool:
        return decide(self.identities.statements(identity.policies_arn), access).allowed

    def _telling(self, call: Call) -> list[Access]:
        """Return what S3 asks for before it tells that an object is missing."""
        if call.service != _S3 or call.operation not in _READING:
            return []
        bucket_name, key = call.parameters["Bucket"], call.parameters["Key"]
        missing = not self.identities.has_object(bucket_name, key)
        return [listing_of(call)] if missing else []

    def _decide(self, call: Call, identity: Identity, accesses: Sequence[Access]) -> Refusal | None:
        statements = self.identities.statements(identity.policies_arn)
        for access in accesses:
            named = call.parameters.values() if access.of_some_resource else [access.resource]
            if any(_is_of_other_account(one, identity.account_id) for one in named):
                reason = "because no resource-based policy allows the {action} action"
                return _denied(call, identity, access, reason.format(action=access.action))
            decision = decide(statements, _in_account(access, identity))
            self.keep(Used(identity.policies_arn, access, decision.allowed))
            if not decision.allowed:
                return _denied(call, identity, access, decision.reason(access.action))
        return None

    def keep(self, used: Used) -> None:
        """Keep what a role asked for, if somebody wants to know."""
        if self.used is not None:
            with self._lock:
                self.used.add(used)


def _in_account(access: Access, identity: Identity) -> Access:
    """Return an access with the condition keys that every call has.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    account_id = identity.account_id
    keys = (
        ("aws:PrincipalAccount", account_id),
        ("aws:PrincipalArn", identity.policies_arn),
        ("aws:ResourceAccount", account_id),
        ("s3:ResourceAccount", account_id),
    )
    return replace(access, context=(*access.context, *keys))


def _unclear(call: Call) -> Refusal | None:
    """Return the refusal of what the emulator could read in another way than the gate."""
    if call.request is None:
        return Refusal("SerializationException", "the body is not JSON", 400)
    if not call.operation and (call.service == _STS or "Action" in call.parameters):
        text = "The request names no operation, or could be read as naming two"
        return Refusal("InvalidAction", text, 400)
    return None


def _is_of_other_account(resource: Any, account_id: str) -> bool:
    """Tell whether a resource is another account's, of which there is none here."""
    if not isinstance(resource, str) or not resource.startswith("arn:"):
        return False
    parts = resource.split(":", 5)
    return len(parts) > _ACCOUNT and parts[_ACCOUNT].isdigit() and parts[_ACCOUNT] != account_id


def _denied(call: Call, identity: Identity, access: Access, reason: str) -> Refusal:
    text = (
        f"User: {identity.arn} is not authorized to perform: {access.action} on "
        f"resource: {access.resource} {reason}"
    )
    return Refusal(_CODES.get(call.service, "AccessDeniedException"), text.strip())
