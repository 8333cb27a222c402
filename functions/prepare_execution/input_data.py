"""Look whether the input data is there, before an instance is started to read it."""

from typing import Any

from botocore.exceptions import ClientError
from execution_input import InvalidExecutionInput


def check_input_data(input_data_uri: str, *, s3: Any) -> None:
    """Ask S3 for one object under the URI.

    Raises:
        InvalidExecutionInput: there is none, or the bucket does not exist or refuses us.
        botocore.exceptions.ClientError: S3 failed in a way that trying again may cure.
    """
    bucket_name, _, prefix = input_data_uri.removeprefix("s3://").partition("/")
    try:
        found = s3.list_objects_v2(Bucket=bucket_name, Prefix=prefix, MaxKeys=1)["KeyCount"]
    except ClientError as error:
        raise _refused(input_data_uri, bucket_name, error) from error
    if not found:
        raise InvalidExecutionInput(
            [f"input_data_uri = {input_data_uri!r}: no object there; upload one or correct the URI"]
        )


def _refused(input_data_uri: str, bucket_name: str, error: ClientError) -> Exception:
    code = error.response["Error"]["Code"]
    if code in ("NoSuchBucket", "404"):
        remedy = f"bucket {bucket_name!r} does not exist; correct the URI"
    elif code in ("AccessDenied", "403", "AllAccessDisabled"):
        remedy = (
            f"bucket {bucket_name!r} refuses this stack; deploy with the parameter InputDataUri "
            "on that bucket, or put the data under input/ in the stack's own bucket"
        )
    else:
        return error
    return InvalidExecutionInput([f"input_data_uri = {input_data_uri!r}: {remedy}"])
