"""Custom resource: put the job scripts of this bundle into the stack's bucket.

Processing jobs read their scripts from S3, and `sam deploy` uploads only Lambda bundles. So the
scripts travel in the bundle of this function (`jobs/` is a link to the repository's), and the
stack has it copy them. All of them share one prefix, so that a script can import the others, and
the prefix holds a hash of them all: a changed script gives a new prefix, and an execution that
runs during a deployment keeps the scripts that it started with.

It is also the first that can look at the stack's name, and refuses one that is too long.

Contract: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

import hashlib
import logging
import os
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from response import body_of
from stack_name import check_stack_name

S3 = boto3.client("s3")
LOGGER = logging.getLogger(__name__)
SCRIPTS_DIR = Path(__file__).parent / "jobs"
PHYSICAL_RESOURCE_ID = "job-scripts"
PREFIX = "jobs/"
RESPONSE_TIMEOUT_SECONDS = 20
# As many connections as a client of boto3 keeps.
UPLOADS_AT_ONCE = 10


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """Publish, or on Delete remove, the scripts, and tell CloudFormation how it went.

    The response's data holds one attribute: `ScriptsUri`, the S3 URI of the folder of scripts.
    """
    try:
        data = handle(event, bucket_name=os.environ["BUCKET_NAME"], s3=S3)
    except Exception as error:
        # CloudFormation waits an hour for an answer that does not come, so every error is one.
        LOGGER.exception("publishing the job scripts failed")
        respond(event, status="FAILED", reason=f"{type(error).__name__}: {error}", data={})
        return
    respond(event, status="SUCCESS", reason="", data=data)


def handle(event: dict[str, Any], *, bucket_name: str, s3: Any) -> dict[str, str]:
    """Act on one request of CloudFormation and return the attributes of the resource.

    Raises:
        UnusableStackName: the stack's other resources cannot be named after it.
    """
    if event["RequestType"] == "Delete":
        remove_scripts(bucket_name=bucket_name, s3=s3)
        return {}
    if event["RequestType"] == "Create":
        check_stack_name(event["StackId"])
    return publish_scripts(SCRIPTS_DIR, bucket_name=bucket_name, s3=s3)


def publish_scripts(scripts_dir: Path, *, bucket_name: str, s3: Any) -> dict[str, str]:
    """Upload every script of a folder under one prefix and return its S3 URI, `ScriptsUri`.

    Raises:
        FileNotFoundError: the folder holds no script, so the bundle was built wrongly.
    """
    scripts = {path.name: path.read_bytes() for path in sorted(scripts_dir.glob("*.py"))}
    if not scripts:
        raise FileNotFoundError(f"no job script in {scripts_dir}; build the bundle with sam build")
    prefix = f"{PREFIX}{hash_of(scripts)}/"

    def put(name: str) -> None:
        s3.put_object(
            Bucket=bucket_name, Key=prefix + name, Body=scripts[name], ContentType="text/x-python"
        )

    # One after the other, S3's answers were a tenth of a deployment.
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        list(pool.map(put, scripts))
    return {"ScriptsUri": f"s3://{bucket_name}/{prefix}"}


def hash_of(scripts: Mapping[str, bytes]) -> str:
    """Return 16 hexadecimal digits that the names and contents of the scripts decide."""
    digest = hashlib.sha256()
    for name, content in scripts.items():
        # The length tells where a content ends, so that no other scripts join to the same bytes.
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def remove_scripts(*, bucket_name: str, s3: Any) -> None:
    """Delete every published script; the stack is going away."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=PREFIX)
    for page in pages:
        for item in page.get("Contents", []):
            s3.delete_object(Bucket=bucket_name, Key=item["Key"])


def respond(event: dict[str, Any], *, status: str, reason: str, data: dict[str, str]) -> None:
    """Answer CloudFormation at the URL that it signed for this request."""
    body = body_of(
        event,
        status=status,
        reason=reason,
        physical_resource_id=PHYSICAL_RESOURCE_ID,
        data=data,
    )
    request = urllib.request.Request(  # noqa: S310 - CloudFormation gives the URL
        event["ResponseURL"], data=body, method="PUT", headers={"Content-Type": ""}
    )
    urllib.request.urlopen(request, timeout=RESPONSE_TIMEOUT_SECONDS).close()  # noqa: S310
