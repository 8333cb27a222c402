"""Look whether the input data is there, before an instance is started to read it."""

from typing import Any, Final

from botocore.exceptions import ClientError
from execution_input import InvalidExecutionInput

_KEYS_LOOKED_AT: Final = 10


def check_input_data(input_data_uri: str, *, s3: Any) -> None:
    """Ask S3 for the first objects under the URI.

    Raises:
        InvalidExecutionInput: there is none, or the bucket does not exist or refuses us.
        botocore.exceptions.ClientError: S3 failed in a way that trying again may cure.
    """
    bucket_name, _, prefix = input_data_uri.removeprefix("s3://").partition("/")
    try:
        listed = s3.list_objects_v2(Bucket=bucket_name, Prefix=prefix, MaxKeys=_KEYS_LOOKED_AT)
    except ClientError as error:
        remedy = _remedy(error.response["Error"]["Code"], bucket_name)
        if remedy is None:
            raise
        raise InvalidExecutionInput([f"input_data_uri = {input_data_uri!r}: {remedy}"]) from error
    # The console marks an empty folder with an object of its name.
    if not any(not item["Key"].endswith("/") for item in listed.get("Contents", [])):
        raise InvalidExecutionInput(
            [f"input_data_uri = {input_data_uri!r}: no object there; upload one or correct the URI"]
        )


def _remedy(code: str, bucket_name: str) -> str | None:
    """Return what to do about an error of S3; None where trying again may cure it."""
    if code in ("NoSuchBucket", "InvalidBucketName", "404"):
        return f"bucket {bucket_name!r} does not exist; correct the URI"
    if code in ("AccessDenied", "403", "AllAccessDisabled"):
        return (
            f"bucket {bucket_name!r} refuses this stack; deploy with the parameter InputDataUri "
            "on that bucket, or put the data under input/ in the stack's own bucket"
        )
    return None
