"""What S3 tells EventBridge of an object that was written.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import time
import uuid
from dataclasses import dataclass
from typing import Any, Final

# S3's notification of a write, and the call that the event names as its reason.
REASONS: Final = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
}


@dataclass(frozen=True)
class WrittenObject:
    """An object as S3 holds it once it is written.

    Attributes:
        key: as it is, not encoded for a URL.
        size: in bytes.
        etag: without quotes.
        version_id: None in a bucket without versions.
    """

    bucket_name: str
    key: str
    size: int
    etag: str
    version_id: str | None


def object_created(written: WrittenObject, *, reason: str, requester: str) -> dict[str, Any]:
    """Return the detail of an Object Created event.

    Args:
        written: the object.
        reason: one of `REASONS`' values.
        requester: an account's id.
    """
    fields = {
        "key": written.key,
        "size": written.size,
        "etag": written.etag,
        "version-id": written.version_id,
        # Hexadecimal, and greater for a later write of the same key.
        "sequencer": f"{time.time_ns():018X}",
    }
    return {
        "version": "0",
        "bucket": {"name": written.bucket_name},
        "object": {name: value for name, value in fields.items() if value is not None},
        "request-id": uuid.uuid4().hex[:16].upper(),
        "requester": requester,
        "source-ip-address": "127.0.0.1",
        "reason": reason,
    }
