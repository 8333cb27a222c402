"""Objects of moto's S3, which would keep up to 16 MB of each in memory, and larger ones open."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from moto.s3 import models
from moto.s3.exceptions import EntityTooSmall, InvalidPart, MalformedXML, S3ClientError
from moto.s3.models import FakeKey, FakeMultipart
from moto.s3.responses import S3Response

from pocketaws.change import Change
from pocketaws.handed import BODY_KEY, Handed
from pocketaws.s3.content import Content
from pocketaws.s3.moto import slim_keys
from pocketaws.s3.moto.part_checksums import PartChecksums


def changes(folder: Path) -> list[Change]:
    """Return what to change in moto's S3.

    Args:
        folder: of what objects hold.
    """
    in_files = SimpleNamespace(SpooledTemporaryFile=lambda *_, **__: Content(folder))
    return [
        Change(models, "tempfile", in_files),
        Change(FakeMultipart, "complete", _complete),
        Change(FakeKey, "etag", property(_etag)),
        *slim_keys.changes(),
        Change(S3Response, "setup_class", _set_up()),
        Change(models.S3Backend, "put_bucket_policy", _put_policy()),
    ]


def _etag(self: FakeKey) -> str:
    """Return it in quotes; moto's seeks in a file that another thread may be reading."""
    if self._etag is None:
        self._etag = self._value_buffer.md5()
    return f'"{self._etag}"'


def _put_policy() -> Callable[..., None]:
    original = models.S3Backend.put_bucket_policy

    def put_policy(self: models.S3Backend, bucket_name: str, policy: bytes) -> None:
        try:
            read = json.loads(policy)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            words = "Policies must be valid JSON and the first byte must be '{'"
            raise S3ClientError("MalformedPolicy", words)
        original(self, bucket_name, policy)

    return put_policy


def _set_up() -> Callable[..., None]:
    original = S3Response.setup_class

    def set_up(self: S3Response, request: Any, *more: Any, **named: Any) -> None:
        original(self, request, *more, **named)
        # The body of a large object comes in a file, which is handed on.
        self.body = request.environ.get(BODY_KEY) or self.body

    return set_up


def _complete(
    self: FakeMultipart, body: Iterable[tuple[int, str]]
) -> tuple[Handed | bytes, str, Any]:
    """Join the parts that are named without having all of them in memory."""
    parts: list[FakeKey] = []
    for number, etag in body:
        part = self.parts.get(number)
        if part is None or part.etag.strip('"') != etag.strip('"'):
            raise InvalidPart
        if parts and parts[-1].contentsize < models.S3_UPLOAD_PART_MIN_SIZE:
            raise EntityTooSmall
        parts.append(part)
    if not parts:
        raise MalformedXML
    checksums = PartChecksums(
        self.metadata.get("x-amz-checksum-algorithm"), self.metadata.get("x-amz-checksum-type")
    )
    # The parts are gone before what they make is there.
    joined = self.parts[min(self.parts)]._value_buffer.beside()
    for part in parts:
        checksums.add_pieces(part._value_buffer.pieces())
        joined.add(part._value_buffer)
    digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html: no digest of the content.
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
    return joined.handed(), etag, checksums.build()
