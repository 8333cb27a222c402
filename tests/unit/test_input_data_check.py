"""The look at the input data that the first state takes, with a bucket that answers as told."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.modules import load

prepare = load("prepare_execution")
InvalidExecutionInput = prepare.execution_input.InvalidExecutionInput
URI = "s3://some-bucket/raw/2025"
PAGE = 1000


class FakeS3:
    """One bucket that holds `keys`, or that answers every call with an error."""

    def __init__(self, *keys: str, error_code: str | None = None, etag: str = "e1") -> None:
        self.keys = keys
        self.etag = etag
        self.error_code = error_code
        self.asked: list[tuple[str, str]] = []

    def get_paginator(self, operation: str) -> "FakeS3":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        self.asked.append((request["Bucket"], request["Prefix"]))
        if self.error_code:
            details = {"Code": self.error_code, "Message": "no"}
            raise ClientError({"Error": details}, "ListObjectsV2")
        found = [key for key in self.keys if key.startswith(request["Prefix"])]
        for start in range(0, max(1, len(found)), PAGE):
            contents = [
                {"Key": key, "Size": 3, "ETag": self.etag} for key in found[start : start + PAGE]
            ]
            yield {"Contents": contents} if contents else {}


def check(uri: str, s3: FakeS3) -> str:
    return str(prepare.input_data.find_input_data(uri, s3=s3).version)


def problem_of(uri: str, s3: FakeS3) -> str:
    with pytest.raises(InvalidExecutionInput) as refusal:
        check(uri, s3)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("uri", "prefix"),
    [
        ("s3://some-bucket/raw/2025/rows.csv", "raw/2025/rows.csv"),
        ("s3://some-bucket/raw/", "raw/"),
        ("s3://some-bucket/raw/20", "raw/20"),
    ],
    ids=["object", "folder", "start-of-a-name"],
)
def test_an_object_under_the_uri_is_enough(uri: str, prefix: str) -> None:
    s3 = FakeS3("raw/2025/rows.csv", "raw/2025/more.csv")

    check(uri, s3)

    assert s3.asked == [("some-bucket", prefix)]


def test_an_empty_folder_is_refused() -> None:
    problem = problem_of("s3://some-bucket/raw/", FakeS3("raw/"))

    assert "no object there" in problem


def test_no_object_under_the_uri_is_refused() -> None:
    problem = problem_of(URI, FakeS3("input/rows.csv"))

    assert problem == (
        "execution input: input_data_uri = 's3://some-bucket/raw/2025': "
        "no object there; upload one or correct the URI"
    )


@pytest.mark.parametrize("error_code", ["NoSuchBucket", "404"])
def test_a_bucket_that_does_not_exist_is_named(error_code: str) -> None:
    problem = problem_of(URI, FakeS3(error_code=error_code))

    assert f"input_data_uri = '{URI}': bucket 'some-bucket' does not exist" in problem
    assert "correct the URI" in problem


@pytest.mark.parametrize("error_code", ["AccessDenied", "403", "AllAccessDisabled"])
def test_a_bucket_that_refuses_is_named_with_the_two_ways_out(error_code: str) -> None:
    problem = problem_of(URI, FakeS3(error_code=error_code))

    assert f"input_data_uri = '{URI}': bucket 'some-bucket' refuses this stack" in problem
    assert "deploy with the parameter InputDataUri" in problem
    assert "under input/ in the stack's own bucket" in problem


def test_the_answer_of_s3_stays_visible_as_the_cause() -> None:
    with pytest.raises(InvalidExecutionInput) as refusal:
        check(URI, FakeS3(error_code="AccessDenied"))

    assert isinstance(refusal.value.__cause__, ClientError)


@pytest.mark.parametrize("error_code", ["SlowDown", "InternalError", "503"])
def test_a_failure_of_s3_itself_is_not_blamed_on_the_input(error_code: str) -> None:
    with pytest.raises(ClientError) as failure:
        check(URI, FakeS3(error_code=error_code))

    assert failure.value.response["Error"]["Code"] == error_code


def test_the_version_counts_the_objects_and_their_bytes() -> None:
    version = check("s3://some-bucket/raw/", FakeS3("raw/", "raw/a.csv", "raw/b.csv"))

    assert version.startswith("2 objects 6 bytes sha256:")


def test_the_same_objects_have_the_same_version() -> None:
    assert check(URI, FakeS3("raw/2025/a.csv")) == check(URI, FakeS3("raw/2025/a.csv"))


@pytest.mark.parametrize("other", [FakeS3("raw/2025/b.csv"), FakeS3("raw/2025/a.csv", etag="e2")])
def test_other_keys_or_content_make_another_version(other: FakeS3) -> None:
    assert check(URI, other) != check(URI, FakeS3("raw/2025/a.csv"))


def test_of_very_many_objects_the_first_make_the_version() -> None:
    s3 = FakeS3(*(f"raw/{number:06}.csv" for number in range(10_001)))

    version = check("s3://some-bucket/raw/", s3)

    assert version.startswith("first 10000 objects 30000 bytes sha256:")
