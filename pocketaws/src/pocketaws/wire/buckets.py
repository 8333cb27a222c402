"""Which bucket a request of S3 is for, whether it stands in the host or in the path.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

import re
from typing import Final

from pocketaws.wire.messages import Request

_LOCALHOST: Final = ".localhost"
# S3 Control's, whose host begins with the account.
_CONTROL_PATH: Final = "/v20180820/"
_BUCKET_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}", re.ASCII)


def bucket_of_host(request: Request) -> str:
    """Return the bucket that a request's host names; empty where it names none."""
    host = request.headers.get("host", "").partition(":")[0].lower()
    if not host.endswith(_LOCALHOST) or request.path.startswith(_CONTROL_PATH):
        return ""
    return host.removesuffix(_LOCALHOST)


def bucket_of(request: Request) -> str:
    """Return the bucket that a request is for; empty where it is for none."""
    return bucket_of_host(request) or request.path.removeprefix("/").partition("/")[0]


def is_bucket_name(name: str) -> bool:
    """Tell whether S3 could have a bucket of that name; the oldest may be odd."""
    return _BUCKET_NAME.fullmatch(name) is not None
