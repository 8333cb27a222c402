"""What a bucket holds under some prefixes, looked at no further than it matters."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

# A function that reads more objects one by one than this would take minutes.
MAX_OBJECTS: Final = 1000


@dataclass(frozen=True)
class Size:
    """How much there is, as far as it was counted.

    Attributes:
        is_small: all was counted, and a function can compare it.
    """

    objects: int
    bytes: int
    is_small: bool


def measured(bucket_name: str, prefixes: Iterable[str], *, max_bytes: int, s3: Any) -> Size:
    """Count the objects under prefixes, page by page, until they are too many for a function."""
    objects = total = 0
    for prefix in prefixes:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix)
        for page in pages:
            contents = page.get("Contents", [])
            objects += len(contents)
            total += sum(item["Size"] for item in contents)
            if objects > MAX_OBJECTS or total > max_bytes:
                return Size(objects, total, is_small=False)
    return Size(objects, total, is_small=True)


def first_key(bucket_name: str, prefix: str, *, s3: Any) -> str | None:
    """Return the first key under a prefix; None where there is none."""
    listed = s3.list_objects_v2(Bucket=bucket_name, Prefix=prefix, MaxKeys=1)
    return next((str(item["Key"]) for item in listed.get("Contents", [])), None)
