"""Who sent a request: an access key by its signature, or nobody."""

import datetime
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from pocketaws.wire import refusals, sizes
from pocketaws.wire.chunks import check_chunks
from pocketaws.wire.keys import Key, Keys
from pocketaws.wire.messages import HttpAnswer, Request
from pocketaws.wire.scopes import CredentialScope, Query, SignatureError, query_of, scope_of
from pocketaws.wire.signatures import check_head, check_signature, check_time


@dataclass(frozen=True)
class Caller:
    """Who signed a request, verified, for which region and service."""

    key: Key
    region: str
    service: str
    is_presigned: bool = False


class Authentication:
    """Verifies requests.

    Args:
        keys: of the account.
        now: returns the time.
    """

    def __init__(
        self,
        keys: Keys,
        now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(tz=datetime.UTC),
    ) -> None:
        self._keys = keys
        self._now = now

    def body_limit(self, head: Request) -> int:
        """Return how large a large body may be; little where the sender is not known."""
        try:
            scope = self._sender(head)
        except SignatureError:
            return sizes.UNKNOWN_BYTES
        return sizes.limit_of(head, scope.service)

    def size_refusal(self, head: Request, limit: int) -> HttpAnswer:
        """Return the answer to a body that is larger than its limit."""
        try:
            scope = self._sender(head)
        except SignatureError as error:
            return self.refused(head, error)
        family = refusals.family_of(head, scope.service)
        return refusals.answer_of(sizes.refusal_of(head, scope.service, limit), head, family)

    def caller(self, request: Request) -> Caller | None:
        """Return who signed a complete request; None where nobody did.

        Raises:
            SignatureError: it is signed, and wrongly.
        """
        query = query_of(request.target)
        scope = scope_of(request, query)
        return None if scope is None else self._verified(request, query, scope)

    def refused(self, request: Request, error: SignatureError) -> HttpAnswer:
        """Return the answer to a request whose signature is none."""
        family = refusals.family_of(request, service_of(request))
        refusal = refusals.of_signature(error.kind, str(error), family)
        return refusals.answer_of(refusal, request, family)

    def _verified(self, request: Request, query: Query, scope: CredentialScope) -> Caller:
        key = self._known(scope)
        check_time(scope, self._now())
        check_signature(request, query, scope, key.secret)
        if scope.service == refusals.S3:
            check_chunks(request, scope, key.secret)
        return Caller(key, scope.region, scope.service, scope.expires_seconds is not None)

    def _sender(self, head: Request) -> CredentialScope:
        """Return what is known of a sender before the body has come.

        S3's large bodies are received of whom has signed their heads; of the other services, whose
        bodies are signed as a whole, of whom names a key that there is.
        """
        query = query_of(head.target)
        scope = scope_of(head, query)
        if scope is None:
            raise SignatureError("Missing", "")
        key = self._known(scope)
        if scope.service == refusals.S3:
            check_time(scope, self._now())
            check_head(head, query, scope, key.secret)
        return scope

    def _known(self, scope: CredentialScope) -> Key:
        key = self._keys.key(scope.access_key_id)
        if key is None or not self._keys.has_region(scope.region):
            raise SignatureError("UnknownKey", "")
        if not hmac.compare_digest(key.token.encode(), scope.token.encode()):
            # A session's key alone is unknown to AWS.
            raise SignatureError("WrongToken" if scope.token else "UnknownKey", "")
        if key.expires is not None and key.expires <= self._now():
            raise SignatureError("ExpiredToken", "")
        return key


def service_of(request: Request) -> str:
    """Return the service that a request is meant for, however badly it is signed."""
    try:
        scope = scope_of(request, query_of(request.target))
    except SignatureError:
        text = request.headers.get("authorization", "") or request.target
        named = text.replace("%2F", "/").partition("/aws4_request")[0].rpartition("/")[2]
        return named if named.isalnum() and "aws4_request" in text else ""
    return "" if scope is None else scope.service
