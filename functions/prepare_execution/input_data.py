"""Look what the input data is, before an instance is started to read it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from botocore.exceptions import ClientError
from execution_input import InvalidExecutionInput

# Ten calls; more would not end within the function's time for data of millions of objects.
_OBJECTS_LOOKED_AT: Final = 10_000
_DIGEST_CHARACTERS: Final = 16


@dataclass(frozen=True)
class InputData:
    """The objects under a URI.

    Attributes:
        version: says which data it was: how many objects and bytes, and a digest of the objects'
            keys, sizes and ETags, so that other content makes another version.
    """

    version: str


def find_input_data(input_data_uri: str, *, s3: Any, field: str = "input_data_uri") -> InputData:
    """Ask S3 for the objects under the URI, which a field of the input gave.

    Raises:
        InvalidExecutionInput: there is none, or the bucket does not exist or refuses us.
        botocore.exceptions.ClientError: S3 failed in a way that trying again may cure.
    """
    bucket_name, _, prefix = input_data_uri.removeprefix("s3://").partition("/")
    objects = _objects(bucket_name, prefix, s3=s3)
    try:
        listed = list(islice(objects, _OBJECTS_LOOKED_AT + 1))
    except ClientError as error:
        remedy = _remedy(error.response["Error"]["Code"], bucket_name)
        if remedy is None:
            raise
        raise InvalidExecutionInput([f"{field} = {input_data_uri!r}: {remedy}"]) from error
    if not listed:
        raise InvalidExecutionInput(
            [f"{field} = {input_data_uri!r}: no object there; upload one or correct the URI"]
        )
    return InputData(_version(listed))


def _objects(bucket_name: str, prefix: str, *, s3: Any) -> Iterator[Mapping[str, Any]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix):
        for item in page.get("Contents", []):
            # The console marks an empty folder with an object of its name.
            if not item["Key"].endswith("/"):
                yield item


def _version(listed: list[Mapping[str, Any]]) -> str:
    looked_at = listed[:_OBJECTS_LOOKED_AT]
    digest = hashlib.sha256()
    for item in looked_at:
        digest.update(f"{item['Key']}\t{item['Size']}\t{item['ETag']}\n".encode())
    size = sum(item["Size"] for item in looked_at)
    first = "first " if len(listed) > _OBJECTS_LOOKED_AT else ""
    short = digest.hexdigest()[:_DIGEST_CHARACTERS]
    return f"{first}{len(looked_at)} objects {size} bytes sha256:{short}"


def _remedy(code: str, bucket_name: str) -> str | None:
    """Return what to do about an error of S3; None where trying again may cure it."""
    if code in ("NoSuchBucket", "InvalidBucketName", "404"):
        return f"bucket {bucket_name!r} does not exist; correct the URI"
    if code in ("AccessDenied", "403", "AllAccessDisabled"):
        return (
            f"bucket {bucket_name!r} refuses this stack; deploy with the parameter InputDataUri, "
            "or BatchDataUri, on that bucket, or put the data under input/ in the stack's own "
            "bucket"
        )
    return None
