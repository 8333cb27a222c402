"""What `run --data` names: a file, a folder of files, or objects in a real S3 bucket."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workflow.errors import InputDataError
from workflow.laptop.key_paths import KeyPaths


@dataclass(frozen=True)
class InputObject:
    """A file that becomes an object of the emulated S3 under `name`."""

    name: str
    path: Path


@contextlib.contextmanager
def found(source: str) -> Iterator[list[InputObject]]:
    """Yield the objects that a path or an S3 URI names; downloads are removed at the end.

    Raises:
        InputDataError: nothing is there, or S3 does not give it.
    """
    if not source.startswith("s3://"):
        yield _local_objects(Path(source))
        return
    with tempfile.TemporaryDirectory(prefix="workflow-data-") as folder:
        _download(source, Path(folder))
        yield _local_objects(Path(folder))


def _local_objects(path: Path) -> list[InputObject]:
    if path.is_file():
        return [InputObject(path.name, path)]
    if not path.is_dir():
        raise InputDataError(f"--data {path}: no such file or folder")
    objects = [
        InputObject(file.relative_to(path).as_posix(), file)
        for file in sorted(path.rglob("*"))
        if file.is_file()
    ]
    if not objects:
        raise InputDataError(f"--data {path}: the folder holds no file; put the CSV files in it")
    return objects


def _download(uri: str, folder: Path) -> None:
    # boto3 is slow to import and most runs read local files.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    bucket_name, _, prefix = uri.removeprefix("s3://").partition("/")
    try:
        s3, paths = boto3.client("s3"), KeyPaths(folder)
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        for number, key in enumerate(key for key in keys if not key.endswith("/")):
            # Numbered, since two keys can end alike and a key need not be a path.
            target = paths.path_for(f"{number:06}-{key.rpartition('/')[2]}")
            s3.download_file(bucket_name, key, str(target))
    except (BotoCoreError, ClientError) as error:
        raise InputDataError(
            f"--data {uri}: S3 does not give it: {error}; check your AWS credentials and the URI, "
            "or download the data and name its path"
        ) from error
    if not any(folder.iterdir()):
        raise InputDataError(f"--data {uri}: no object there; correct the URI")
