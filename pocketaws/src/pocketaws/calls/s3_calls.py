"""S3's operations by method, path and query; botocore's model does not tell them all apart.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from collections.abc import Mapping
from typing import Any, Final

# By method, whether a key is given, and the parameter of the query that makes it another one.
_OPERATIONS: Final[Mapping[tuple[str, bool, str], str]] = {
    ("GET", False, ""): "ListObjects",
    ("GET", False, "list-type"): "ListObjectsV2",
    ("GET", False, "location"): "GetBucketLocation",
    ("GET", False, "uploads"): "ListMultipartUploads",
    ("GET", False, "versioning"): "GetBucketVersioning",
    ("GET", False, "versions"): "ListObjectVersions",
    ("HEAD", False, ""): "HeadBucket",
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
_SUBRESOURCES: Final = frozenset(name for *_, name in _OPERATIONS if name) | {
    "acl",
    "cors",
    "encryption",
    "lifecycle",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "publicAccessBlock",
    "replication",
    "restore",
    "retention",
    "select",
    "website",
}


def operation(
    method: str, path: str, query: Mapping[str, str], environ: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Return an operation and its parameters; an empty name where it is none of the known.

    Args:
        method: of HTTP.
        path: `/BUCKET` or `/BUCKET/KEY`, decoded.
        query: of the URL.
        environ: of the request, with its headers.
    """
    bucket_name, _, key = path.removeprefix("/").partition("/")
    subresource = next((name for name in query if name in _SUBRESOURCES), "")
    name = _OPERATIONS.get((method, bool(key), subresource), "")
    source = environ.get("HTTP_X_AMZ_COPY_SOURCE")
    if source and name in ("PutObject", "UploadPart"):
        name = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}[name]
    parameters = {"Bucket": bucket_name, "Key": key, "CopySource": source}
    return name, {key: value for key, value in {**query, **parameters}.items() if value}
