"""The first that hears of a request: whether a page may send it, who sent it, and what it is for.

What goes on from here is one request in one form: the bucket stands in the path, and the sender in
an Authorization header of the gate's own, so that nothing behind it can read another one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import unquote

from pocketaws.wire import cors, origins, refusals, sizes
from pocketaws.wire.anonymous import Anonymous, Lets
from pocketaws.wire.authentication import Authentication, Caller, service_of
from pocketaws.wire.buckets import bucket_of_host
from pocketaws.wire.keys import Keys
from pocketaws.wire.messages import HttpAnswer, Request
from pocketaws.wire.refusals import Refusal
from pocketaws.wire.scopes import ALGORITHM, SignatureError

# The emulator's control interface, and what stands for a machine's own metadata.
_NOT_SERVED: Final = ("/moto-api", "/latest/meta-data", "/latest/api", "/favicon.ico")
_NOT_FOUND: Final = Refusal("UnknownOperationException", "AWS has no such page.", 404)
_ANSWERS: Final = "/cloudformation_"
_JSON: Final = "application/x-amz-json-"
_MULTIPART: Final = "multipart/form-data"
_BAD_TARGET: Final = Refusal("InvalidURI", "Couldn't parse the specified URI.", 400)


@dataclass(frozen=True)
class Seen:
    """A request whose sender is known.

    Attributes:
        target: path and query; of S3's the path begins with the bucket.
        authorization: names the caller.
    """

    request: Request
    caller: Caller
    target: str
    authorization: str


class World(Lets, cors.Settings, Protocol):
    """What the emulated S3 says of buckets."""


class Front:
    """Looks at every request first.

    Args:
        keys: of the account.
        world: says who may read a bucket unsigned, and from which pages.
        allowed_origins: of web pages that may call every service.
        go_on: answers a request whose sender is known.
    """

    def __init__(
        self,
        keys: Keys,
        world: World,
        allowed_origins: Sequence[str],
        go_on: Callable[[Seen], HttpAnswer],
    ) -> None:
        self._authentication = Authentication(keys)
        self._anonymous = Anonymous(world)
        self._cors = cors.Cors(world, allowed_origins)
        self._go_on = go_on

    def admit(self, head: Request) -> HttpAnswer | int:
        """Return how large the body of a request may be, or why it is refused."""
        foreign = origins.wrong_host(head)
        is_let = self._cors.allows(head) or origins.is_signed_link(head)
        if foreign is None and not is_let:
            foreign = origins.foreign_page(head)
        if foreign is not None:
            return origins.refused(foreign)
        if not sizes.may_be_large(head):
            return sizes.UNKNOWN_BYTES
        if self._is_anybodys(head):
            return sizes.PUBLIC_BYTES
        return self._authentication.body_limit(head)

    def refuse_size(self, head: Request, limit: int) -> HttpAnswer:
        """Return the answer to a body that is larger than a limit."""
        if self._is_anybodys(head):
            refusal = sizes.refusal_of(head, refusals.S3, limit)
            answer = refusals.answer_of(refusal, head, refusals.S3)
        else:
            answer = self._authentication.size_refusal(head, limit)
        return self._with_cors(head, answer)

    def answer(self, request: Request) -> HttpAnswer:
        """Answer a complete request."""
        if cors.is_preflight(request):
            return self._cors.preflight(request)
        return self._with_cors(request, self._answer(request))

    def _is_anybodys(self, head: Request) -> bool:
        is_signed = "authorization" in head.headers or "X-Amz-" in head.target
        return not is_signed and self._anonymous.is_public(head)

    def _answer(self, request: Request) -> HttpAnswer:
        refusal = _refusal_of_target(request.target)
        if refusal is not None:
            return refusals.answer_of(refusal, request, refusals.family_of(request, ""))
        if service_of(request) != refusals.S3:
            request = request.in_memory()
        try:
            caller = self._authentication.caller(request) or self._anonymous.caller(request)
        except SignatureError as error:
            return self._authentication.refused(request, error)
        seen = _seen(request, caller)
        refusal = _refusal_of_target(seen.target) or _refusal_of_form(request, caller)
        if refusal is not None:
            family = refusals.family_of(request, caller.service)
            return refusals.answer_of(refusal, request, family)
        return self._go_on(seen)

    def _with_cors(self, request: Request, answer: HttpAnswer) -> HttpAnswer:
        headers = self._cors.headers(request)
        if not headers:
            return answer
        return HttpAnswer(
            answer.status, answer.body, answer.content_type, [*answer.headers, *headers]
        )


def _seen(request: Request, caller: Caller) -> Seen:
    bucket_name = bucket_of_host(request) if caller.service == refusals.S3 else ""
    target = f"/{bucket_name}{request.target}" if bucket_name else request.target
    # A function answers with a URL of S3's, which leads to CloudFormation here.
    service = "cloudformation" if request.path.startswith(_ANSWERS) else caller.service
    credential = f"{caller.key.access_key_id}/20000101/{caller.region}/{service}"
    authorization = (
        f"{ALGORITHM} Credential={credential}/aws4_request, SignedHeaders=host, Signature=verified"
    )
    return Seen(request, caller, target, authorization)


def _refusal_of_target(target: str) -> Refusal | None:
    """Refuse what AWS does not serve, and paths that two readers could read differently."""
    if not target.startswith("/") or target.startswith("//") or "#" in target:
        return _BAD_TARGET
    path = unquote(target.partition("?")[0])
    return _NOT_FOUND if path.startswith(_NOT_SERVED) else None


def _refusal_of_form(request: Request, caller: Caller) -> Refusal | None:
    if caller.service == refusals.S3:
        return None
    if request.headers.get("content-type", "").lower().startswith(_MULTIPART):
        return Refusal("InvalidContentType", f"{caller.service} takes no {_MULTIPART}", 415)
    if "x-amz-target" not in request.headers:
        return None
    media_type = request.headers.get("content-type", "").lower()
    if request.target == "/" and media_type.startswith(_JSON):
        return None
    text = f"X-Amz-Target goes with the path / and a body of {_JSON}1.0 or 1.1"
    return Refusal("UnknownOperationException", text, 400)
