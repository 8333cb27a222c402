"""Data that is cut short, grows or goes away while it is read is told at once."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from workflow.errors import InputDataError
from workflow.laptop import bucket, input_data
from workflow.laptop.input_data import InputObject

ROWS = b"M,0.4,0.3,0.1,0.5,0.2,0.1,0.1,9\n" * 100_000


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(1000)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


CHANGES: dict[str, Callable[[Path], None]] = {"cut short": cut, "grown": grow, "gone": Path.unlink}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_bytes(ROWS)
    return path


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_has_changed_since_it_was_found_is_told(
    runtime: LocalRuntime, stack: Stack, path: Path, change: str
) -> None:
    with input_data.open_objects(str(path)) as objects:
        CHANGES[change](path)
        begun = time.monotonic()

        with pytest.raises(InputDataError, match=rf"^--data {path}: "):
            bucket.put_input_data(runtime, stack.outputs["BucketName"], objects)

    assert time.monotonic() - begun < 10


class ChangingReader:
    """Puts an object, and has its file change in between."""

    def __init__(self, client: Any, change: Callable[[], None]) -> None:
        self._client, self._change = client, change

    def put_object(self, *, Bucket: str, Key: str, Body: Any) -> None:  # noqa: N803
        self._change()
        self._client.put_object(Bucket=Bucket, Key=Key, Body=Body)


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read_is_told_at_once(
    runtime: LocalRuntime, stack: Stack, path: Path, change: str
) -> None:
    client = ChangingReader(runtime.client("s3"), lambda: CHANGES[change](path))
    begun = time.monotonic()

    with pytest.raises(InputDataError, match="changed while it was read"):
        bucket._put(
            InputObject(path.name, path), stack.outputs["BucketName"], "input/rows", s3=client
        )

    assert time.monotonic() - begun < 20


def test_a_file_that_stays_is_read_whole(runtime: LocalRuntime, stack: Stack, path: Path) -> None:
    bucket_name = stack.outputs["BucketName"]

    with input_data.open_objects(str(path)) as objects:
        bucket.put_input_data(runtime, bucket_name, objects)

    answer = runtime.client("s3").get_object(Bucket=bucket_name, Key="input/rows.csv")
    assert answer["Body"].read() == ROWS


LARGE_ROWS = ROWS * 3


@pytest.mark.parametrize("change", CHANGES)
def test_a_large_file_may_change_once_it_is_copied(
    runtime: LocalRuntime, stack: Stack, tmp_path: Path, change: str
) -> None:
    path, bucket_name = (
        tmp_path / f"large-{CHANGES[change].__name__}.csv",
        stack.outputs["BucketName"],
    )
    path.write_bytes(LARGE_ROWS)
    copies = tmp_path / "copies"
    copies.mkdir()

    with (
        input_data.open_objects(str(path)) as objects,
        input_data.copied_early(objects, copies) as begun,
    ):
        assert begun[0].early is not None
        begun[0].early.wait()
        CHANGES[change](path)
        bucket.put_input_data(runtime, bucket_name, begun)

    answer = runtime.client("s3").get_object(Bucket=bucket_name, Key=f"input/{path.name}")
    assert answer["Body"].read() == LARGE_ROWS
    assert answer["ETag"] == f'"{hashlib.md5(LARGE_ROWS).hexdigest()}"'


@pytest.mark.parametrize("change", CHANGES)
def test_a_large_file_that_has_changed_before_it_is_copied_is_told(
    runtime: LocalRuntime, stack: Stack, tmp_path: Path, change: str
) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(LARGE_ROWS)

    with input_data.open_objects(str(path)) as objects:
        CHANGES[change](path)
        with (
            input_data.copied_early(objects, tmp_path) as begun,
            pytest.raises(InputDataError, match=rf"^--data {path}: "),
        ):
            bucket.put_input_data(runtime, stack.outputs["BucketName"], begun)
