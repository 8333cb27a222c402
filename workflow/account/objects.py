"""Objects of S3 by their URIs, of which some may not be there or be too large to be shown."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class ObjectPlace(NamedTuple):
    """A bucket and a key, or the beginning of keys."""

    bucket_name: str
    key: str


def place_of(uri: str) -> ObjectPlace:
    """Return what an `s3://BUCKET/KEY` names."""
    bucket_name, _, key = uri.removeprefix("s3://").partition("/")
    return ObjectPlace(bucket_name, key)


def read_start(uri: str, maximum_bytes: int, *, s3: Any) -> bytes | None:
    """Return an object's first bytes; None where there is no object, or it may not be read."""
    from botocore.exceptions import ClientError

    place = place_of(uri)
    try:
        answer: Mapping[str, Any] = s3.get_object(Bucket=place.bucket_name, Key=place.key)
        return bytes(answer["Body"].read(maximum_bytes))
    except ClientError:
        return None


def uris_under(uri: str, *, s3: Any) -> list[str]:
    """Return the objects whose keys begin with a URI's; at most a thousand, in order."""
    from botocore.exceptions import ClientError

    place = place_of(uri)
    try:
        pages = list(
            s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket_name, Prefix=place.key)
        )
    except ClientError:
        return []
    items = [item for page in pages for item in page.get("Contents", [])]
    return [f"s3://{place.bucket_name}/{item['Key']}" for item in items]
