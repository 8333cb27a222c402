"""URLs that stand for the administrator's leave; a function gets one to answer CloudFormation."""

from typing import Final

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from pocketaws.wire.keys import Key

# CloudFormation's own.
_EXPIRES_SECONDS: Final = 7200


def presigned(url: str, *, key: Key, region: str, method: str = "PUT") -> str:
    """Return a URL with which anybody may make one request, whatever its body.

    Args:
        url: with path and query.
        key: whose leave it is.
        region: of the account.
        method: of HTTP.
    """
    request = AWSRequest(method, url)
    credentials = Credentials(key.access_key_id, key.secret, key.token or None)
    S3SigV4QueryAuth(credentials, "s3", region, expires=_EXPIRES_SECONDS).add_auth(request)
    return str(request.url)
