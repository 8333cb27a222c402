"""S3's chunked bodies: each chunk's signature, and the trailer's, follows from the one before.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import hashlib
import hmac
import re
from typing import Final

from botocore.auth import EMPTY_SHA256_HASH

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


def check_chunks(request: Request, scope: CredentialScope, secret: str) -> None:
    """Hold a chunked body against its signatures; other bodies have none.

    Raises:
        SignatureError: one differs, or the body is none of chunks.
    """
    kind = request.headers.get(CONTENT_SHA256, "")
    if not kind.startswith(STREAMING):
        return
    if kind not in (_SIGNED, _SIGNED_TRAILER, _UNSIGNED_TRAILER):
        raise SignatureError("Unsupported", f"{CONTENT_SHA256}: {kind[:60]}")
    _Chunks(request, scope, secret, is_signed=kind != _UNSIGNED_TRAILER).check(
        has_trailer=kind != _SIGNED
    )


class _Chunks:
    def __init__(
        self, request: Request, scope: CredentialScope, secret: str, *, is_signed: bool
    ) -> None:
        self._body = memoryview(request.body)
        self._declared = request.headers.get("x-amz-decoded-content-length", "")
        self._scope = scope
        self._secret = secret
        self._is_signed = is_signed
        self._before = scope.signature
        self._at = 0

    def check(self, *, has_trailer: bool) -> None:
        total = 0
        while size := self._chunk():
            total += size
        if str(total) != self._declared:
            text = "x-amz-decoded-content-length is not the length of what came"
            raise SignatureError("Incomplete", text)
        rest = bytes(self._body[self._at :])
        if has_trailer:
            self._check_trailer(rest)
        elif rest != _END:
            raise SignatureError("Incomplete", "the last chunk is not the end of the body")

    def _chunk(self) -> int:
        """Take a chunk and return its size, 0 for the last."""
        head = _HEAD.match(self._body[self._at : self._at + _MAX_HEAD_BYTES])
        if head is None:
            raise SignatureError("Incomplete", f"there is no chunk at byte {self._at} of the body")
        size = int(head[1], 16)
        begun = self._at + head.end()
        chunk = self._body[begun : begun + size]
        if self._is_signed:
            self._follow("PAYLOAD", chunk, head[2] or b"", empty=f"{EMPTY_SHA256_HASH}\n")
        self._at = begun + size
        if size:
            if bytes(self._body[self._at : self._at + len(_END)]) != _END:
                raise SignatureError("Incomplete", "a chunk has not the size that it names")
            self._at += len(_END)
        return size

    def _check_trailer(self, rest: bytes) -> None:
        lines = [line.strip() for line in rest.split(b"\n") if line.strip()]
        signatures = [line for line in lines if line.startswith(_TRAILER_SIGNATURE)]
        if not self._is_signed:
            return
        if len(signatures) != 1:
            raise SignatureError("Mismatch", "")
        told = sorted(line for line in lines if line not in signatures)
        text = b"".join(line + b"\n" for line in told)
        given = signatures[0].removeprefix(_TRAILER_SIGNATURE).strip()
        self._follow("TRAILER", memoryview(text), given, empty="")

    def _follow(self, kind: str, data: memoryview, given: bytes, *, empty: str) -> None:
        digest = hashlib.sha256(data).hexdigest()
        scope = self._scope
        text = (
            f"AWS4-HMAC-SHA256-{kind}\n{scope.timestamp}\n{scope.text}\n{self._before}\n"
            f"{empty}{digest}"
        )
        signature = signature_of(scope, self._secret, text)
        if not hmac.compare_digest(signature.encode(), given):
            raise SignatureError("Mismatch", "")
        self._before = signature
