"""What lies under an S3 URI, by content: a digest of the objects' names, sizes and ETags.

S3 changes an object's ETag with its bytes: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
So another byte makes another digest. The same bytes, uploaded in other parts or under another KMS
key, may make another one, too, and then a job runs that need not have.
"""

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

# Ten calls; more would not end within the function's time for data of millions of objects.
OBJECTS_MAXIMUM: Final = 10_000


class TooManyObjects(ValueError):  # noqa: N818 - it is told in a sentence, not as an error
    """More objects lie under a URI than are looked at."""


@dataclass(frozen=True)
class Content:
    """The objects under a URI.

    Attributes:
        digest: hexadecimal; of no object at all, too.
        objects: how many.
        changed_at: when the last one was written, to the second, in UTC; None where there is none.
    """

    digest: str
    objects: int
    changed_at: datetime.datetime | None


def content_of(uri: str, *, s3: Any) -> Content:
    """Return what lies under a URI: of an object, or of a prefix.

    Names count from the last slash of the URI on, as a job gets them into its folder, so that the
    same files under another prefix, or in another bucket, are the same content.

    Raises:
        TooManyObjects: see there.
        botocore.exceptions.ClientError: S3 refused.
    """
    bucket_name, _, prefix = uri.removeprefix("s3://").partition("/")
    start = prefix.rfind("/") + 1
    listed = list(islice(_objects(bucket_name, prefix, s3=s3), OBJECTS_MAXIMUM + 1))
    if len(listed) > OBJECTS_MAXIMUM:
        raise TooManyObjects(f"more than {OBJECTS_MAXIMUM:,} objects lie under {uri}")
    digest = hashlib.sha256()
    for item in listed:
        digest.update(f"{item['Key'][start:]}\0{item['Size']}\0{item['ETag']}\0".encode())
    times = [item["LastModified"] for item in listed]
    changed_at = max(times).astimezone(datetime.UTC).replace(microsecond=0) if times else None
    return Content(digest.hexdigest(), len(listed), changed_at)


def _objects(bucket_name: str, prefix: str, *, s3: Any) -> Iterator[Mapping[str, Any]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix):
        yield from page.get("Contents", [])
