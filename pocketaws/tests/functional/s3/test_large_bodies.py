"""What clients outside send and get is the same however large it is, and memory stays flat."""

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from boto3.s3.transfer import TransferConfig

from pocketaws.runtime import LocalRuntime

BUCKET = "large-bodies"
MEGABYTE = 1024**2
CONTENT = os.urandom(MEGABYTE) * 5 + b"end"


@pytest.fixture(scope="module")
def outside(runtime: LocalRuntime) -> Iterator[Any]:
    """A client whose requests come by a socket."""
    client = boto3.session.Session().client("s3", endpoint_url=runtime.endpoint_url)
    client.create_bucket(Bucket=BUCKET)
    yield client
    client.close()


@pytest.fixture(params=["outside", "own"])
def client(request: pytest.FixtureRequest, runtime: LocalRuntime, outside: Any) -> Any:
    return outside if request.param == "outside" else runtime.client("s3")


def stored(client: Any, key: str) -> tuple[bytes, dict[str, Any]]:
    answer = client.get_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
    return answer["Body"].read(), answer


def bodies(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "body"
    path.write_bytes(CONTENT)
    return {"bytes": CONTENT, "file": path.open("rb"), "stream": io.BytesIO(CONTENT)}


@pytest.mark.parametrize("kind", ["bytes", "file", "stream"])
@pytest.mark.parametrize("checksum", [None, "CRC32", "SHA256"])
def test_an_object_in_one_request(
    client: Any, tmp_path: Path, kind: str, checksum: str | None
) -> None:
    more = {"ChecksumAlgorithm": checksum} if checksum else {}
    given = bodies(tmp_path)

    put = client.put_object(
        Bucket=BUCKET, Key="one", Body=given[kind], Metadata={"of": "mine"}, **more
    )
    given["file"].close()

    content, answer = stored(client, "one")
    assert content == CONTENT
    assert put["ETag"] == answer["ETag"] == f'"{hashlib.md5(CONTENT).hexdigest()}"'
    assert answer["Metadata"] == {"of": "mine"}
    assert "ContentEncoding" not in answer
    name = f"Checksum{checksum or 'CRC32'}"
    assert answer[name] == put[name]


def test_an_object_in_parts_and_its_ranges(client: Any, tmp_path: Path) -> None:
    path, content = tmp_path / "parts", CONTENT * 3
    path.write_bytes(content)
    config = TransferConfig(multipart_threshold=5 * MEGABYTE, multipart_chunksize=6 * MEGABYTE)

    client.upload_file(str(path), BUCKET, "parts", Config=config)

    assert stored(client, "parts")[0] == content
    part = client.get_object(Bucket=BUCKET, Key="parts", Range=f"bytes=5-{6 * MEGABYTE}")
    assert part["Body"].read() == content[5 : 6 * MEGABYTE + 1]
    client.download_file(BUCKET, "parts", str(tmp_path / "back"), Config=config)
    assert (tmp_path / "back").read_bytes() == content


def test_a_large_request_that_writes_no_object(client: Any) -> None:
    keys = [f"{number:04}-{'k' * 1000}" for number in range(900)]
    client.put_object(Bucket=BUCKET, Key=keys[7], Body=b"1")

    deleted = client.delete_objects(
        Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys]}
    )["Deleted"]

    assert keys[7] in {item["Key"] for item in deleted}
    listed = client.list_objects_v2(Bucket=BUCKET, Prefix=keys[7])
    assert listed["KeyCount"] == 0


def test_putting_needs_no_memory_of_the_objects_size(outside: Any, tmp_path: Path) -> None:
    path = tmp_path / "large"
    # The client has ten parts of 8 MB under way.
    size = 192 * MEGABYTE
    with path.open("wb") as file:
        file.truncate(size)
    with path.open("rb") as file:
        outside.put_object(Bucket=BUCKET, Key="warm", Body=b"x" * 2 * MEGABYTE)
        before, peaks, done = psutil.Process().memory_info().rss, [0], threading.Event()
        looking = threading.Thread(target=_look, args=(peaks, done))
        looking.start()
        try:
            outside.put_object(Bucket=BUCKET, Key="flat", Body=file)
            outside.upload_file(str(path), BUCKET, "flat-parts")
        finally:
            done.set()
            looking.join()

    assert outside.head_object(Bucket=BUCKET, Key="flat")["ContentLength"] == size
    assert outside.head_object(Bucket=BUCKET, Key="flat-parts")["ContentLength"] == size
    assert peaks[0] - before < size / 2


def _look(peaks: list[int], done: threading.Event) -> None:
    process = psutil.Process()
    while not done.wait(0.005):
        peaks[0] = max(peaks[0], process.memory_info().rss)
