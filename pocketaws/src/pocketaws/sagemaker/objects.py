"""Move objects between the emulated S3 and a container's folders, as SageMaker does."""

import contextlib
import gzip
import shutil
import stat
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import JobFailure
from pocketaws.handed import HandedFile, HeldBody, fetching

_READABLE: Final = 0o644
_EXECUTABLE: Final = 0o755


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key (or prefix) of an S3 URI."""
    bucket_name, _, key = uri.removeprefix("s3://").partition("/")
    return bucket_name, key


def object_exists(uri: str, *, s3: Any) -> bool:
    """Tell whether the URI is that of an object."""
    bucket_name, key = split_uri(uri)
    try:
        s3.head_object(Bucket=bucket_name, Key=key)
    except ClientError:
        return False
    return True


def list_keys(uri: str, *, s3: Any) -> list[str]:
    """Return the keys under a prefix, sorted; folder markers are left out.

    Raises:
        JobFailure: as SageMaker says it, where the bucket or any object is missing.
    """
    bucket_name, prefix = split_uri(uri)
    try:
        pages = list(
            s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix)
        )
    except ClientError as error:
        message = error.response["Error"]["Message"]
        raise JobFailure(
            f"ClientError: Failed to list objects under S3 URL {uri!r}: {message}"
        ) from error
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    keys = sorted(key for key in keys if not key.endswith("/"))
    if not keys:
        raise JobFailure(
            "ClientError: Data download failed: No S3 objects found under S3 URL "
            f"{uri!r} given in input data source. Please ensure that the bucket exists in the "
            "selected region and that objects exist under that S3 prefix."
        )
    return keys


def share_of(keys: Sequence[str], *, host_index: int, host_count: int, sharded: bool) -> list[str]:
    """Return the keys that one host gets: all, or with ShardedByS3Key its share."""
    return list(keys[host_index::host_count]) if sharded else list(keys)


def download(
    uri: str, keys: Sequence[str], target_dir: Path, *, s3: Any, only_read: bool = False
) -> None:
    """Write objects under a folder, named by what follows the prefix in their key.

    Args:
        uri: of the prefix.
        keys: of the objects.
        target_dir: made where it is not there.
        s3: a client.
        only_read: whether nobody will write to the files, which may then be the objects' own.
    """
    bucket_name, prefix = split_uri(uri)
    target_dir.mkdir(parents=True, exist_ok=True)
    for key in keys:
        name = PurePosixPath(relative(key, prefix))
        if name.is_absolute() or ".." in name.parts:
            raise JobFailure(f"ClientError: object key {key!r} does not name a file")
        path = target_dir / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fetch(bucket_name, key, path, s3=s3, only_read=only_read)
        except (ClientError, OSError) as error:
            # Such as an object whose key is the folder of another's.
            raise JobFailure(
                f"ClientError: Data download failed: object key {key!r}: {error}"
            ) from error


def fetch(bucket_name: str, key: str, path: Path, *, s3: Any, only_read: bool = False) -> None:
    """Write one object to a file, with one request; boto3's own way takes two and threads.

    Args:
        bucket_name: of the object.
        key: of the object.
        path: of the file; replaced where it is there.
        s3: a client.
        only_read: whether nobody will write to the file, which may then be the object's own.
    """
    with fetching():
        body = s3.get_object(Bucket=bucket_name, Key=key)["Body"]
    with contextlib.closing(body):
        if isinstance(body, HeldBody) and body.put(path, only_read=only_read):
            return
        with path.open("wb") as file:
            shutil.copyfileobj(body, file)


def relative(key: str, prefix: str) -> str:
    """Return an object's name below a prefix; of a whole key it is the key's own name."""
    if key.startswith(prefix.rstrip("/") + "/"):
        return key[len(prefix.rstrip("/")) + 1 :]
    return key[prefix.rfind("/") + 1 :]


def upload(source_dir: Path, uri: str, *, s3: Any) -> None:
    """Copy every file below a folder under a prefix.

    Raises:
        JobFailure: the bucket is missing.
    """
    bucket_name, prefix = split_uri(uri)
    for path in _files(source_dir):
        relative = path.relative_to(source_dir).as_posix()
        _put(path, bucket_name, "/".join(filter(None, [prefix.strip("/"), relative])), s3=s3)


def upload_archive(source_dir: Path, uri: str, *, s3: Any) -> None:
    """Upload a folder's content as one tar.gz: the same bytes for the same files.

    Raises:
        JobFailure: the bucket is missing.
    """
    bucket_name, key = split_uri(uri)
    archive_path = source_dir.with_name(source_dir.name + ".tar.gz")
    _write_archive(source_dir, archive_path)
    _put(archive_path, bucket_name, key, s3=s3)


def _write_archive(source_dir: Path, archive_path: Path) -> None:
    # Neither the times, the owners nor the archive's own name and time are of the content.
    with (
        archive_path.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for path in _files(source_dir):
            archive.add(path, path.relative_to(source_dir).as_posix(), filter=_of_nobody)


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = _EXECUTABLE if entry.mode & stat.S_IXUSR else _READABLE
    return entry


def _put(path: Path, bucket_name: str, key: str, *, s3: Any) -> None:
    # What wrote it has ended.
    try:
        with HandedFile(path, is_final=True) as body:
            s3.put_object(Bucket=bucket_name, Key=key, Body=body)
    except (ClientError, OSError) as error:
        raise JobFailure(
            f"ClientError: Data upload failed: s3://{bucket_name}/{key}: {error}"
        ) from error


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
