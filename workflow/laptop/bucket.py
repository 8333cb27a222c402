"""What goes into the emulated bucket before an execution, and what comes out of it after."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workflow.laptop.input_data import InputObject, unchanged
from workflow.laptop.key_paths import KeyPaths

if TYPE_CHECKING:
    from workflow.laptop.emulated import Emulated
    from workflow.laptop.ran_jobs import RanJob

_INPUT_PREFIX: Final = "input/"
# The one region that must not be named as a bucket's location.
_FIRST_REGION: Final = "us-east-1"
# What an execution leaves in the bucket; the rest is its input and the job scripts.
RESULT_KINDS: Final = ("batch", "preprocessing", "training", "evaluation")


def make_bucket(runtime: "Emulated", name: str) -> None:
    """Make a bucket in the runtime's region, if it is not there already."""
    s3 = runtime.client("s3")
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": runtime.region}}
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=name, **({} if runtime.region == _FIRST_REGION else elsewhere))


def put_input_data(
    runtime: "Emulated", bucket_name: str, objects: Sequence[InputObject], *, folder: str = ""
) -> str:
    """Put the user's data into the stack's bucket and return its URI.

    Args:
        runtime: the emulated AWS.
        bucket_name: of the stack.
        objects: the data.
        folder: in which it stands apart from what others put; empty, or it ends in a slash.

    Raises:
        InputDataError: a file has changed since it was found.
    """
    prefix = _INPUT_PREFIX + folder
    for item in objects:
        _put(item, bucket_name, prefix + item.name, s3=runtime.client("s3"))
    return f"s3://{bucket_name}/{prefix}"


def stand_in(runtime: "Emulated", uri: str, objects: Sequence[InputObject]) -> str:
    """Put data where a deployed stack reads when an execution's input does not say; return where.

    Args:
        runtime: the emulated AWS.
        uri: the stack's output DefaultInputDataUri, an object or a prefix.
        objects: what stands there; more than one go under the URI as a prefix.
    """
    bucket_name, _, key = uri.removeprefix("s3://").partition("/")
    make_bucket(runtime, bucket_name)
    s3 = runtime.client("s3")
    is_object = len(objects) == 1 and key and not key.endswith("/")
    prefix = key if key.endswith("/") or not key else f"{key}/"
    for item in objects:
        _put(item, bucket_name, key if is_object else prefix + item.name, s3=s3)
    return uri


def _put(item: InputObject, bucket_name: str, key: str, *, s3: Any) -> None:
    from pocketaws import HandedFile

    if item.early is not None:
        with item.early.handed() as body:
            s3.put_object(Bucket=bucket_name, Key=key, Body=body)
        return
    # The emulated S3 has the kernel clone or copy it.
    with unchanged(item), HandedFile(item.path, is_final=False) as body:
        s3.put_object(Bucket=bucket_name, Key=key, Body=body)


@dataclass(frozen=True)
class Taken:
    """What an execution left, in a folder.

    Attributes:
        objects: path by key.
        changed: the same, of the objects whose key could not be the path in the folder.
        logs: paths of a job's logs by its name.
    """

    objects: Mapping[str, Path]
    changed: Mapping[str, Path]
    logs: Mapping[str, Sequence[Path]]


def take_files(
    runtime: "Emulated",
    bucket_name: str,
    files_dir: Path,
    *,
    prefixes: Sequence[str],
    jobs: "Sequence[RanJob]",
) -> Taken:
    """Take what an execution left in the bucket, and its jobs' logs, to a folder.

    The files may be the objects' own: where this process emulates them, it ends.

    Args:
        runtime: the emulated AWS.
        bucket_name: of the stack.
        files_dir: gets the files.
        prefixes: of the keys, such as "training/NAME/"; the name is no part of the path.
        jobs: that it ran.
    """
    paths, objects = KeyPaths(files_dir), dict[str, Path]()
    logs: dict[str, list[Path]] = {}
    s3 = runtime.client("s3")
    for prefix in prefixes:
        for key in _keys(bucket_name, prefix, s3=s3):
            kind, _, rest = key.split("/", 2)
            objects[key] = paths.path_for(key, f"{kind}/{rest}")
            _fetch(bucket_name, key, objects[key], s3=s3)
    for job in jobs:
        for host, log in job.logs.items():
            target = files_dir / "logs" / f"{job.kind}-{job.name}-{host}.txt"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(log)
            logs.setdefault(job.name, []).append(target)
    return Taken(objects, paths.changed, logs)


def _keys(bucket_name: str, prefix: str, *, s3: Any) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def _fetch(bucket_name: str, key: str, path: Path, *, s3: Any) -> None:
    from pocketaws import fetch

    path.parent.mkdir(parents=True, exist_ok=True)
    fetch(bucket_name, key, path, s3=s3, only_read=True)
