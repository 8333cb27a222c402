"""What `run --data` names: a file, a folder of files, or objects in a real S3 bucket."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from workflow.errors import InputDataError
from workflow.laptop.key_paths import KeyPaths


@dataclass(frozen=True)
class InputObject:
    """A file that becomes an object of the emulated S3 under `name`.

    Attributes:
        found: the file's size and time of change when it was found; None where that is now.
    """

    name: str
    path: Path
    found: tuple[int, int] | None = None


class UnchangedFile:
    """A file that is read as it was found: what makes it another one ends the reading at once.

    Without this, a client that has told a file's size would wait for bytes that do not come.

    Args:
        item: whose file is opened.

    Raises:
        InputDataError: the file is another one than was found, by any of the methods.
    """

    def __init__(self, item: InputObject) -> None:
        self._item = item
        self._found = item.found or _identity(item.path)
        self.check()
        try:
            self._file = item.path.open("rb")
        except OSError as error:
            raise InputDataError(f"--data {item.path}: cannot be read: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; again it does nothing."""
        self._file.close()

    def check(self) -> None:
        """Look whether the file is still the one that was found."""
        try:
            now = _identity(self._item.path)
        except OSError as error:
            raise self._changed(f"is gone ({error.strerror})") from error
        if now != self._found:
            raise self._changed(f"has {now[0]} bytes, and had {self._found[0]} when it was found")

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; all that are left without a size."""
        size_left = self._found[0] - self._file.tell()
        wanted = size_left if size < 0 else min(size, size_left)
        content = self._file.read(wanted)
        if len(content) < wanted:
            raise self._changed(f"ends {wanted - len(content)} bytes early")
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; the end is that of the file as it was found."""
        if whence == os.SEEK_END:
            return self._file.seek(self._found[0] + offset)
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Return that any place can be gone to."""
        return True

    def _changed(self, how: str) -> InputDataError:
        return InputDataError(
            f"--data {self._item.path}: changed while it was read: it {how}; run again when "
            "nothing writes to it, or give a copy"
        )


@contextlib.contextmanager
def open_objects(source: str) -> Iterator[list[InputObject]]:
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
            f"--data: the file {item.name!a} has a name that is not UTF-8, which the keys of S3 "
            "are; rename it"
        ) from error
    if not item.name.isprintable():
        raise InputDataError(
            f"--data: the file {item.name!a} has a line break or another control character in its "
            "name; rename it"
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
