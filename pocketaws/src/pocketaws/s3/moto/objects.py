"""Objects of moto's S3, which would keep up to 16 MB of each in memory, and larger ones open."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from moto.s3 import models
from moto.s3.exceptions import EntityTooSmall, InvalidPart, MalformedXML

from pocketaws.change import Change
from pocketaws.s3.content import Content, Joined


def changes(folder: Path) -> list[Change]:
    """Return what to change in moto's S3.

    Args:
        folder: of what objects hold.
    """
    in_files = SimpleNamespace(SpooledTemporaryFile=lambda *_, **__: Content(folder))
    return [
        Change(models, "tempfile", in_files),
        Change(models.FakeMultipart, "complete", _complete),
    ]


def _complete(
    self: models.FakeMultipart, body: Iterable[tuple[int, str]]
) -> tuple[Joined, str, Any]:
    """Join the parts that are named without having all of them in memory."""
    parts: list[models.FakeKey] = []
    for number, etag in body:
        part = self.parts.get(number)
        if part is None or part.etag.strip('"') != etag.strip('"'):
            raise InvalidPart
        if parts and parts[-1].contentsize < models.S3_UPLOAD_PART_MIN_SIZE:
            raise EntityTooSmall
        parts.append(part)
    if not parts:
        raise MalformedXML
    checksum = models.MultipartChecksumBuilder(
        self.metadata.get("x-amz-checksum-algorithm"), self.metadata.get("x-amz-checksum-type")
    )
    # The parts are gone before what they make is there.
    joined = self.parts[min(self.parts)]._value_buffer.beside()
    for part in parts:
        content = part.value
        checksum.addPart(content)
        joined.add(content)
    digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html: no digest of the content.
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
    return joined, etag, checksum.build()
