"""Objects come and go between S3 and folders as SageMaker moves them."""

import io
import os
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.errors import JobFailure
from pocketaws.sagemaker import objects


class FakeS3:
    """The calls that `objects` makes, on a dictionary; listings come in pages of two."""

    def __init__(self, *keys: str) -> None:
        self.objects = {key: key.encode() for key in keys}

    def get_paginator(self, _: str) -> "FakeS3":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        self._check(Bucket, "ListObjectsV2")
        found = [{"Key": key} for key in self.objects if key.startswith(Prefix)]
        return [{"Contents": found[:2]}, {"Contents": found[2:]}, {}]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._check(Bucket, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key])}

    def put_object(self, *, Bucket: str, Key: str, Body: Any) -> None:  # noqa: N803
        self._check(Bucket, "PutObject")
        self.objects[Key] = Body.read()

    def head_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        self._check(Bucket, "HeadObject")
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")

    @staticmethod
    def _check(bucket_name: str, operation: str) -> None:
        if bucket_name != "bucket":
            raise ClientError({"Error": {"Code": "NoSuchBucket", "Message": "none"}}, operation)


def downloaded(uri: str, s3: FakeS3, folder: Path) -> set[str]:
    objects.download(uri, objects.list_keys(uri, s3=s3), folder, s3=s3)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("uri", "names"),
    [
        ("s3://bucket/raw/", {"a.csv", "deep/b.csv"}),
        ("s3://bucket/raw", {"a.csv", "deep/b.csv"}),
        ("s3://bucket/raw/a.csv", {"a.csv"}),
        ("s3://bucket/raw/a", {"a.csv"}),
        ("s3://bucket/raw/deep", {"b.csv"}),
        ("s3://bucket/ra", {"raw/a.csv", "raw/deep/b.csv"}),
        ("s3://bucket", {"raw/a.csv", "raw/deep/b.csv", "other.csv"}),
        ("s3://bucket/", {"raw/a.csv", "raw/deep/b.csv", "other.csv"}),
    ],
)
def test_files_are_named_by_what_follows_the_prefix(
    tmp_path: Path, uri: str, names: set[str]
) -> None:
    s3 = FakeS3("raw/a.csv", "raw/deep/b.csv", "raw/", "other.csv")

    assert downloaded(uri, s3, tmp_path) == names


def test_keys_are_sorted_and_folder_markers_left_out() -> None:
    s3 = FakeS3("raw/c", "raw/", "raw/b", "raw/a", "raw/deep/")

    assert objects.list_keys("s3://bucket/raw/", s3=s3) == ["raw/a", "raw/b", "raw/c"]


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("s3://bucket/none/", "No S3 objects found under S3 URL 's3://bucket/none/'"),
        ("s3://bucket/raw/folder", "No S3 objects found"),
        ("s3://none/raw/", "Failed to list objects under S3 URL 's3://none/raw/': none"),
    ],
)
def test_a_prefix_without_objects_fails_the_job(uri: str, told: str) -> None:
    with pytest.raises(JobFailure, match=told):
        objects.list_keys(uri, s3=FakeS3("raw/a", "raw/folder/"))


@pytest.mark.parametrize("key", ["raw/../../escaped", "raw//etc/escaped", "raw/a/../b"])
def test_a_key_that_leads_elsewhere_fails_the_job(tmp_path: Path, key: str) -> None:
    with pytest.raises(JobFailure, match="does not name a file"):
        downloaded("s3://bucket/raw/", FakeS3(key), tmp_path / "in")
    assert not list(tmp_path.rglob("*escaped*"))


def test_a_key_that_is_also_a_folder_fails_the_job(tmp_path: Path) -> None:
    with pytest.raises(JobFailure, match="Data download failed: object key 'raw/a/b'"):
        downloaded("s3://bucket/raw/", FakeS3("raw/a", "raw/a/b"), tmp_path)


@pytest.mark.parametrize(("keys", "hosts"), [(7, 3), (2, 3), (1, 1), (6, 2)])
def test_shares_hold_every_key_once_and_are_about_even(keys: int, hosts: int) -> None:
    names = [f"{number:02}" for number in range(keys)]

    shares = [
        objects.share_of(names, host_index=index, host_count=hosts, sharded=True)
        for index in range(hosts)
    ]

    assert sorted(name for share in shares for name in share) == names
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_without_sharding_every_host_gets_all() -> None:
    assert objects.share_of(["a", "b"], host_index=1, host_count=2, sharded=False) == ["a", "b"]


@pytest.mark.parametrize(
    ("uri", "keys"),
    [
        ("s3://bucket/out", {"out/a", "out/deep/b"}),
        ("s3://bucket/out/", {"out/a", "out/deep/b"}),
        ("s3://bucket", {"a", "deep/b"}),
    ],
)
def test_an_upload_keeps_the_folders(tmp_path: Path, uri: str, keys: set[str]) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "a").touch()
    (tmp_path / "deep" / "b").touch()
    s3 = FakeS3()

    objects.upload(tmp_path, uri, s3=s3)

    assert s3.objects.keys() == keys


def test_an_upload_to_no_bucket_fails_the_job(tmp_path: Path) -> None:
    (tmp_path / "a").touch()

    with pytest.raises(JobFailure, match="Data upload failed: s3://none/out/a"):
        objects.upload(tmp_path, "s3://none/out", s3=FakeS3())


def test_an_archive_holds_the_folders_files(tmp_path: Path) -> None:
    (tmp_path / "model" / "deep").mkdir(parents=True)
    (tmp_path / "model" / "deep" / "m").touch()
    s3 = FakeS3()

    objects.upload_archive(tmp_path / "model", "s3://bucket/model.tar.gz", s3=s3)

    with tarfile.open(fileobj=io.BytesIO(s3.objects["model.tar.gz"])) as archive:
        assert archive.getnames() == ["deep/m"]


def test_archives_of_the_same_files_have_the_same_bytes(tmp_path: Path) -> None:
    s3 = FakeS3()
    for name, when, mode in (("first", 1_000_000_000, 0o600), ("second", 2_000_000_000, 0o664)):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "xgboost-model"
        path.write_bytes(b"model")
        path.chmod(mode)
        os.utime(path, (when, when))
        objects.upload_archive(tmp_path / name, f"s3://bucket/{name}", s3=s3)
        # The header of gzip has the second.
        time.sleep(1.1)

    assert s3.objects["first"] == s3.objects["second"]
    with tarfile.open(fileobj=io.BytesIO(s3.objects["first"])) as archive:
        assert archive.extractfile("xgboost-model").read() == b"model"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("uri", "there"),
    [("s3://bucket/a", True), ("s3://bucket/b", False), ("s3://none/a", False)],
)
def test_an_object_is_there_or_not(uri: str, *, there: bool) -> None:
    assert objects.object_exists(uri, s3=FakeS3("a")) is there
