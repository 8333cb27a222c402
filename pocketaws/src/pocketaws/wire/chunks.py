"""S3's chunked bodies: each chunk's signature, and the trailer's, follows from the one before.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from botocore.auth import EMPTY_SHA256_HASH

from pocketaws.wire.bodies import BodyFile, digest_of, part_of, size_of
from pocketaws.wire.messages import Request
from pocketaws.wire.scopes import CredentialScope, SignatureError
from pocketaws.wire.signatures import CONTENT_SHA256, STREAMING, signature_of

_SIGNED: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_SIGNED_TRAILER: Final = f"{_SIGNED}-TRAILER"
_UNSIGNED_TRAILER: Final = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_HEAD: Final = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?\r\n")
_MAX_HEAD_BYTES: Final = 128
_END: Final = b"\r\n"
_TRAILER_SIGNATURE: Final = b"x-amz-trailer-signature:"


def is_chunked(request: Request) -> bool:
    """Tell whether a body comes in chunks of S3's."""
    return request.headers.get(CONTENT_SHA256, "").startswith(STREAMING)


def check_chunks(request: Request, scope: CredentialScope, secret: str) -> None:
    """Hold a chunked body against its signatures; other bodies have none.

    Raises:
        SignatureError: one differs, or the body is none of chunks.
    """
    if not is_chunked(request):
        return
    kind = request.headers[CONTENT_SHA256]
    if kind not in (_SIGNED, _SIGNED_TRAILER, _UNSIGNED_TRAILER):
        raise SignatureError("Unsupported", f"{CONTENT_SHA256}: {kind[:60]}")
    _Chunks(request, scope, secret, is_signed=kind != _UNSIGNED_TRAILER).check(
        has_trailer=kind != _SIGNED
    )


def contents(body: bytes | BodyFile) -> tuple[list[tuple[int, int]], dict[str, str]]:
    """Return where the chunks of a body lie that has been checked, and its trailer.

    Returns:
        Offsets and sizes; and what stands behind the last, by lower-case names.
    """
    frames = _Frames(body)
    spans = [(chunk.offset, chunk.size) for chunk in frames.chunks() if chunk.size]
    lines = frames.rest().decode("latin-1").split("\n")
    pairs = (line.strip().partition(":") for line in lines)
    return spans, {name.lower(): value.strip() for name, _, value in pairs if value}


@dataclass(frozen=True)
class _Chunk:
    offset: int
    size: int
    signature: bytes


class _Frames:
    """Reads the frames of chunks, and not what is in them."""

    def __init__(self, body: bytes | BodyFile) -> None:
        self._body = body
        self._at = 0

    def chunks(self) -> Iterator[_Chunk]:
        """Yield all, the empty one at the end, too.

        Raises:
            SignatureError: the body is none of chunks.
        """
        while True:
            head = _HEAD.match(part_of(self._body, self._at, _MAX_HEAD_BYTES))
            if head is None:
                text = f"there is no chunk at byte {self._at} of the body"
                raise SignatureError("Incomplete", text)
            chunk = _Chunk(self._at + head.end(), int(head[1], 16), head[2] or b"")
            self._at = chunk.offset + chunk.size
            yield chunk
            if not chunk.size:
                return
            if part_of(self._body, self._at, len(_END)) != _END:
                raise SignatureError("Incomplete", "a chunk has not the size that it names")
            self._at += len(_END)

    def rest(self) -> bytes:
        """Return what stands behind the last chunk."""
        return part_of(self._body, self._at, max(size_of(self._body) - self._at, 0))


class _Chunks:
    def __init__(
        self, request: Request, scope: CredentialScope, secret: str, *, is_signed: bool
    ) -> None:
        self._body = request.content
        self._declared = request.headers.get("x-amz-decoded-content-length", "")
        self._scope = scope
        self._secret = secret
        self._is_signed = is_signed
        self._before = scope.signature

    def check(self, *, has_trailer: bool) -> None:
        total = 0
        frames = _Frames(self._body)
        for chunk in frames.chunks():
            if self._is_signed:
                digest = digest_of(self._body, chunk.offset, chunk.size)
                self._follow("PAYLOAD", digest, chunk.signature, f"{EMPTY_SHA256_HASH}\n")
            total += chunk.size
        if str(total) != self._declared:
            text = "x-amz-decoded-content-length is not the length of what came"
            raise SignatureError("Incomplete", text)
        rest = frames.rest()
        if has_trailer:
            self._check_trailer(rest)
        elif rest != _END:
            raise SignatureError("Incomplete", "the last chunk is not the end of the body")

    def _check_trailer(self, rest: bytes) -> None:
        lines = [line.strip() for line in rest.split(b"\n") if line.strip()]
        signatures = [line for line in lines if line.startswith(_TRAILER_SIGNATURE)]
        if not self._is_signed:
            return
        if len(signatures) != 1:
            raise SignatureError("Mismatch", "")
        items = sorted(line for line in lines if line not in signatures)
        text = b"".join(line + b"\n" for line in items)
        given = signatures[0].removeprefix(_TRAILER_SIGNATURE).strip()
        self._follow("TRAILER", hashlib.sha256(text).hexdigest(), given, "")

    def _follow(self, kind: str, digest: str, given: bytes, empty: str) -> None:
        scope = self._scope
        text = (
            f"AWS4-HMAC-SHA256-{kind}\n{scope.timestamp}\n{scope.text}\n{self._before}\n"
            f"{empty}{digest}"
        )
        signature = signature_of(scope, self._secret, text)
        if not hmac.compare_digest(signature.encode(), given):
            raise SignatureError("Mismatch", "")
        self._before = signature
