"""What `run --data` names: a file, a folder of files, or objects in a real S3 bucket."""

import contextlib
import errno
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pocketaws import EarlyCopy
from workflow.errors import InputDataError
from workflow.laptop.key_paths import KeyPaths

# Of less, a copy and its digest take a few milliseconds.
_LARGE_BYTES: Final = 8 * 1024**2
# What is wrong where the file is written to, not where it is read.
_OF_WRITING: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class InputObject:
    """A file that becomes an object of the emulated S3 under `name`.

    Attributes:
        found: the file's size and time of change when it was found; None where that is now.
        option: of the command line, which named it.
        early: the copy that is put in its place, where it has been begun.
    """

    name: str
    path: Path
    found: tuple[int, int] | None = None
    option: str = "--data"
    early: EarlyCopy | None = None


@contextlib.contextmanager
def unchanged(item: InputObject) -> Iterator[None]:
    """Hold that a file stays, in this context, the one that was found.

    Raises:
        InputDataError: it is another one before or after, or cannot be read.
        OSError: what is made of it cannot be written.
    """
    try:
        found = item.found or _identity(item.path)
        _check_same(item, found)
        try:
            yield
        finally:
            # What is made of a file that is cut short meanwhile says nothing of the file.
            _check_same(item, found)
    except OSError as error:
        if error.errno in _OF_WRITING:
            raise
        raise InputDataError(
            f"{item.option} {item.path}: cannot be read: {error.strerror}"
        ) from error


def _check_same(item: InputObject, found: tuple[int, int]) -> None:
    try:
        now = _identity(item.path)
    except OSError as error:
        raise _changed(item, f"is gone ({error.strerror})") from error
    if now != found:
        raise _changed(item, f"has {now[0]} bytes, and had {found[0]} when it was found")


def _changed(item: InputObject, how: str) -> InputDataError:
    return InputDataError(
        f"{item.option} {item.path}: changed while it was read: it {how}; run again when "
        "nothing writes to it, or give a copy"
    )


@contextlib.contextmanager
def open_objects(source: str, *, beside: Path | None = None) -> Iterator[list[InputObject]]:
    """Yield the objects that a path or an S3 URI names; downloads are removed at the end.

    Args:
        source: the path or the URI.
        beside: a folder that takes downloads; the warmed processes remove theirs at a kill, too.

    Raises:
        InputDataError: nothing is there, or S3 does not give it.
    """
    if not source.startswith("s3://"):
        yield _local_objects(Path(source))
        return
    with tempfile.TemporaryDirectory(prefix="workflow-data-", dir=beside) as folder:
        _download(source, Path(folder))
        yield _local_objects(Path(folder))


@contextlib.contextmanager
def copied_early(objects: Sequence[InputObject], folder: Path) -> Iterator[list[InputObject]]:
    """Have large objects copied, and digested, from now on; a file may change once it is copied.

    Args:
        objects: the data.
        folder: gets the copies, and is removed after this context.
    """
    begun = [_begun(item, folder / f"data-{number}") for number, item in enumerate(objects)]
    try:
        yield begun
    finally:
        copies = [item.early for item in begun if item.early is not None]
        for early in copies:
            early.leave_out()
        for early in copies:
            early.wait()


def _begun(item: InputObject, target: Path) -> InputObject:
    found = item.found or _identity(item.path)
    if found[0] < _LARGE_BYTES:
        return item
    return replace(item, early=EarlyCopy(item.path, target, watched=lambda: unchanged(item)))


def batch_object(path: Path) -> InputObject:
    """Return the object that `run --batch` names, a file of this machine.

    Raises:
        InputDataError: there is no such file, or it is empty.
    """
    option = "--batch"
    if not path.is_file():
        raise InputDataError(f"{option} {path}: no such file; give a CSV file of raw rows")
    found = _identity(path)
    if not found[0]:
        raise InputDataError(f"{option} {path}: is empty; give a CSV file of raw rows")
    item = InputObject(path.name, path, found, option)
    _check_name(item)
    return item


def _local_objects(path: Path) -> list[InputObject]:
    if path.is_file():
        item = InputObject(path.name, path, _identity(path))
        _check_name(item)
        return [item]
    if not path.is_dir():
        raise InputDataError(f"--data {path}: no such file or folder")
    objects = [
        InputObject(file.relative_to(path).as_posix(), file, _identity(file))
        for file in sorted(path.rglob("*"))
        if file.is_file()
    ]
    for item in objects:
        _check_name(item)
    if not objects:
        raise InputDataError(f"--data {path}: the folder holds no file; put the CSV files in it")
    return objects


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _check_name(item: InputObject) -> None:
    """Refuse what cannot be the key of an object, or would not be shown as what it is."""
    try:
        item.name.encode()
    except UnicodeEncodeError as error:
        raise InputDataError(
            f"{item.option}: the file {item.name!a} has a name that is not UTF-8, which the keys "
            "of S3 are; rename it"
        ) from error
    if not item.name.isprintable():
        raise InputDataError(
            f"{item.option}: the file {item.name!a} has a line break or another control character "
            "in its name; rename it"
        )


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
