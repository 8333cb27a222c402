"""S3's operations by method, path and query; botocore's model does not tell them all apart.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

# By method, whether a key is given, and the parameter of the query that makes it another one.
_OPERATIONS: Final[Mapping[tuple[str, bool, str], str]] = {
    ("GET", False, ""): "ListObjects",
    ("GET", False, "list-type"): "ListObjectsV2",
    ("GET", False, "location"): "GetBucketLocation",
    ("GET", False, "uploads"): "ListMultipartUploads",
    ("GET", False, "versioning"): "GetBucketVersioning",
    ("GET", False, "versions"): "ListObjectVersions",
    ("HEAD", False, ""): "HeadBucket",
    ("PUT", False, ""): "CreateBucket",
    ("POST", False, "delete"): "DeleteObjects",
    ("GET", True, ""): "GetObject",
    ("GET", True, "tagging"): "GetObjectTagging",
    ("GET", True, "uploadId"): "ListParts",
    ("HEAD", True, ""): "HeadObject",
    ("PUT", True, ""): "PutObject",
    ("PUT", True, "tagging"): "PutObjectTagging",
    ("PUT", True, "uploadId"): "UploadPart",
    ("POST", True, "uploads"): "CreateMultipartUpload",
    ("POST", True, "uploadId"): "CompleteMultipartUpload",
    ("DELETE", True, ""): "DeleteObject",
    ("DELETE", True, "uploadId"): "AbortMultipartUpload",
}
_SUBRESOURCES: Final = frozenset(name for *_, name in _OPERATIONS if name)
# Parameters that leave an operation what it is; any other makes it one that is not known here.
_PARAMETERS: Final = frozenset(
    {
        "continuation-token",
        "delimiter",
        "encoding-type",
        "fetch-owner",
        "key-marker",
        "marker",
        "max-keys",
        "max-parts",
        "max-uploads",
        "part-number-marker",
        "partNumber",
        "prefix",
        "start-after",
        "upload-id-marker",
        "version-id-marker",
        "versionId",
        "x-id",
    }
)
_PREFIXES: Final = ("X-Amz-", "response-")
_LISTS_BUCKETS: Final = frozenset(
    {"bucket-region", "continuation-token", "max-buckets", "prefix", "x-id"}
)


def operation(
    method: str, path: str, query: Sequence[tuple[str, str]], environ: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return an operation and its parameters; an empty name where it is none of the known.

    Args:
        method: of HTTP.
        path: `/BUCKET` or `/BUCKET/KEY`, decoded.
        query: of the URL.
        environ: of the request, with its headers.
    """
    given = dict(query)
    bucket_name, _, key = path.removeprefix("/").partition("/")
    source = environ.get("HTTP_X_AMZ_COPY_SOURCE")
    name = _name(method, bucket_name, key, query)
    if source and name in ("PutObject", "UploadPart"):
        name = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}[name]
    parameters = {"Bucket": bucket_name, "Key": key, "CopySource": source and _source(source)}
    return name, {key: value for key, value in {**given, **parameters}.items() if value}


def _name(method: str, bucket_name: str, key: str, query: Sequence[tuple[str, str]]) -> str:
    names = [name for name, _ in query if not name.startswith(_PREFIXES)]
    if len(set(names)) != len(names):
        return ""
    if not bucket_name:
        is_list = method == "GET" and not key and _LISTS_BUCKETS.issuperset(names)
        return "ListBuckets" if is_list else ""
    subresources = [name for name in names if name in _SUBRESOURCES]
    if len(subresources) > 1 or not (_SUBRESOURCES | _PARAMETERS).issuperset(names):
        return ""
    return _OPERATIONS.get((method, bool(key), "".join(subresources)), "")


def _source(header: str) -> str:
    """Return bucket and key that are copied from, as S3 reads them."""
    return unquote(header.partition("?versionId=")[0]).removeprefix("/")
