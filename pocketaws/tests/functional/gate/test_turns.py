"""Of many conditional writes at once one succeeds, as on AWS."""

import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.runtime import LocalRuntime

ROUNDS = 15
THREADS = 6
Write = Callable[[str, int], Any]


@pytest.fixture(autouse=True)
def restless() -> Iterator[None]:
    """Have threads take turns so often that steps of two requests mix."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(scope="module")
def table(runtime: LocalRuntime) -> str:
    name = f"turns-{uuid.uuid4()}"
    runtime.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def winners(write: Write, key: str) -> list[int]:
    """Write in as many threads at once, and return the numbers of those that succeeded."""
    won: list[int] = []
    barrier = threading.Barrier(THREADS)

    def attempt(number: int) -> None:
        barrier.wait()
        try:
            write(key, number)
        except ClientError:
            return
        won.append(number)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


def test_one_item_is_put_where_there_was_none(runtime: LocalRuntime, table: str) -> None:
    client = runtime.client("dynamodb")

    def write(key: str, number: int) -> None:
        client.put_item(
            TableName=table,
            Item={"id": {"S": key}, "by": {"N": str(number)}},
            ConditionExpression="attribute_not_exists(id)",
        )

    for key in map(str, range(ROUNDS)):
        [winner] = winners(write, key)
        item = client.get_item(TableName=table, Key={"id": {"S": key}})["Item"]
        assert item["by"] == {"N": str(winner)}


def test_a_counter_counts_every_update(runtime: LocalRuntime, table: str) -> None:
    client = runtime.client("dynamodb")

    def add(key: str, _: int) -> None:
        client.update_item(
            TableName=table,
            Key={"id": {"S": key}},
            UpdateExpression="ADD hits :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    for _ in range(ROUNDS):
        winners(add, "counter")

    item = client.get_item(TableName=table, Key={"id": {"S": "counter"}})["Item"]
    assert item["hits"] == {"N": str(ROUNDS * THREADS)}


def test_one_parameter_is_made_and_no_version_is_given_twice(runtime: LocalRuntime) -> None:
    client = runtime.client("ssm")

    def make(key: str, number: int) -> None:
        client.put_parameter(Name=key, Value=str(number), Type="String")

    name = f"/turns/{uuid.uuid4()}"
    [winner] = winners(make, name)
    assert client.get_parameter(Name=name)["Parameter"]["Value"] == str(winner)

    versions: list[int] = []

    def replace(key: str, number: int) -> None:
        put = client.put_parameter(Name=key, Value=str(number), Type="String", Overwrite=True)
        versions.append(put["Version"])

    for _ in range(ROUNDS):
        winners(replace, name)
    assert sorted(versions) == list(range(2, 2 + ROUNDS * THREADS))


def test_one_object_is_created(runtime: LocalRuntime) -> None:
    client = runtime.client("s3")
    bucket = f"turns-{uuid.uuid4()}"
    client.create_bucket(Bucket=bucket)

    def create(key: str, number: int) -> None:
        client.put_object(Bucket=bucket, Key=key, Body=str(number).encode(), IfNoneMatch="*")

    for key in map(str, range(ROUNDS)):
        [winner] = winners(create, key)
        assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == str(winner).encode()
