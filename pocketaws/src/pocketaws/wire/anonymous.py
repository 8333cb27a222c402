"""What AWS does for who does not sign: public objects, and nothing else here.

STS has two operations that no key signs, for the tokens of identity providers
(https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html); the local
account has no provider, and so AWS's answer is that there is none.
"""

from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import parse_qsl, unquote

from pocketaws.wire import refusals
from pocketaws.wire.authentication import Caller
from pocketaws.wire.buckets import bucket_of, bucket_of_host
from pocketaws.wire.keys import Key
from pocketaws.wire.messages import Request
from pocketaws.wire.scopes import SignatureError, query_of

_WITHOUT_KEY: Final = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")
_ACTIONS: Final[Mapping[tuple[str, bool], str]] = {
    ("GET", True): "s3:GetObject",
    ("HEAD", True): "s3:GetObject",
    ("PUT", True): "s3:PutObject",
    ("DELETE", True): "s3:DeleteObject",
    ("GET", False): "s3:ListBucket",
    ("HEAD", False): "s3:ListBucket",
}
# Of the query; any other parameter makes it another operation.
_HARMLESS: Final = (
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "marker",
    "continuation-token",
    "start-after",
    "encoding-type",
    "fetch-owner",
    "x-id",
)
# Who an unsigned request is to what stands behind the gate.
_NOBODY: Final = Key("AKIAANONYMOUSCALLER0", "")


class Lets(Protocol):
    """What buckets' policies say.

    Attributes:
        region: of the account.
    """

    region: str

    def lets_anybody(self, bucket_name: str, action: str, key: str) -> bool:
        """Tell whether a bucket's policy lets anybody do something."""


class Anonymous:
    """Decides what is not signed.

    Args:
        lets: says what buckets' policies allow.
    """

    def __init__(self, lets: Lets) -> None:
        self._lets = lets

    def caller(self, request: Request) -> Caller:
        """Return nobody, where nobody may ask.

        Raises:
            SignatureError: the request must be signed.
        """
        family = refusals.family_of(request, "")
        if family == refusals.QUERY:
            form = dict(parse_qsl(request.body.decode(errors="replace")))
            action = form.get("Action") or dict(query_of(request.target)).get("Action", "")
            if action in _WITHOUT_KEY:
                raise SignatureError("NoProvider", "")
        if family == refusals.S3 and self.is_public(request):
            return Caller(_NOBODY, self._lets.region, refusals.S3)
        raise SignatureError("Missing", "")

    def is_public(self, request: Request) -> bool:
        """Tell whether a bucket's policy lets anybody do what a request of S3 asks for."""
        bucket_name = bucket_of(request)
        path = request.path.removeprefix("/")
        key = unquote(path if bucket_of_host(request) else path.partition("/")[2])
        action = _ACTIONS.get((request.method, bool(key)))
        names = [name for name, _ in query_of(request.target)]
        is_other = any(name not in _HARMLESS and not name.startswith("response-") for name in names)
        if action is None or is_other or "x-amz-copy-source" in request.headers:
            return False
        return self._lets.lets_anybody(bucket_name, action, key)
