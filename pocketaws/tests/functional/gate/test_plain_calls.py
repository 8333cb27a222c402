"""What jobs read of S3 without a request is what a request would have read."""

import json
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError

from pocketaws.gate.faults import Fault
from pocketaws.runtime import LocalRuntime
from pocketaws.wire.in_process import InProcess, StoppedError
from pocketaws.wire.messages import Request

BUCKET = "read-directly"
SESSION = "reads"


@pytest.fixture(scope="module")
def role_arn(runtime: LocalRuntime) -> str:
    """A role that may read below a/ only, beside objects that it may and may not."""
    s3, iam = runtime.client("s3"), runtime.client("iam")
    s3.create_bucket(Bucket=BUCKET)
    for key in ("a/1", "a/2 é", "a/deep/3", "b/1"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=f"content of {key}".encode())
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    role = iam.create_role(
        RoleName=BUCKET, AssumeRolePolicyDocument=policy(trust | {"Action": "sts:AssumeRole"})
    )["Role"]
    may = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/a/*"},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{BUCKET}",
            "Condition": {"StringLike": {"s3:prefix": ["a/*", "none/*"]}},
        },
    ]
    iam.put_role_policy(RoleName=BUCKET, PolicyName="may", PolicyDocument=policy(*may))
    return str(role["Arn"])


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(scope="module")
def asking(runtime: LocalRuntime, role_arn: str) -> Any:
    """A client of the role whose calls are requests."""
    return runtime.assumed_by("sagemaker.amazonaws.com", SESSION).client(role_arn, "s3")


@pytest.fixture(scope="module")
def reading(runtime: LocalRuntime, role_arn: str) -> Any:
    """A client of the role that reads as jobs do."""
    return runtime._services.as_sagemaker.client(role_arn, "s3")


def got(client: Any, key: str) -> Any:
    answer = client.get_object(Bucket=BUCKET, Key=key)
    told = ("ContentLength", "ETag")
    times = answer["LastModified"].replace(microsecond=0)
    return {name: answer[name] for name in told}, times, answer["Body"].read()


def headed(client: Any, key: str) -> Any:
    try:
        answer = client.head_object(Bucket=BUCKET, Key=key)
    except ClientError as refusal:
        return refusal.response["Error"]["Code"]
    told = ("ContentLength", "ETag")
    return {name: answer[name] for name in told}, answer["LastModified"].replace(microsecond=0)


def listed(client: Any, prefix: str) -> Any:
    answer = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    contents = [(item["Key"], item["Size"], item["ETag"]) for item in answer.get("Contents", [])]
    return contents, answer["KeyCount"], answer["IsTruncated"], answer["Name"], answer["Prefix"]


def failure(client: Any, key: str) -> tuple[str, str]:
    with pytest.raises(ClientError) as refusal:
        client.get_object(Bucket=BUCKET, Key=key)
    error = refusal.value.response["Error"]
    return error["Code"], error["Message"].replace(SESSION, "SageMaker")


@pytest.mark.parametrize("key", ["a/1", "a/2 é", "a/deep/3"])
def test_an_object_is_the_same(asking: Any, reading: Any, key: str) -> None:
    assert got(reading, key) == got(asking, key)


@pytest.mark.parametrize("key", ["a/1", "a/2 é", "a/deep/3", "a/none", "b/1", "b/none"])
def test_what_is_said_of_an_object_is_the_same(asking: Any, reading: Any, key: str) -> None:
    assert headed(reading, key) == headed(asking, key)


@pytest.mark.parametrize("wrong", [{}, {"Key": ""}, {"Key": 1}, {"Key": "a/1", "Other": "b"}])
def test_what_is_no_call_is_refused_as_by_any_client(
    asking: Any, reading: Any, wrong: dict[str, Any]
) -> None:
    told = []
    for client in (asking, reading):
        with pytest.raises(ParamValidationError) as refusal:
            client.get_object(Bucket=BUCKET, **wrong)
        told.append(str(refusal.value))

    assert told[0] == told[1]


@pytest.mark.parametrize("prefix", ["a/", "a/2", "none/"])
def test_a_listing_is_the_same(asking: Any, reading: Any, prefix: str) -> None:
    assert listed(reading, prefix) == listed(asking, prefix)


@pytest.mark.parametrize("key", ["b/1", "a/none"])
def test_what_a_role_may_not_read_is_refused_in_the_same_words(
    asking: Any, reading: Any, key: str
) -> None:
    assert failure(reading, key) == failure(asking, key)


def test_a_fault_hits_what_is_read(runtime: LocalRuntime, reading: Any) -> None:
    runtime.faults.append(Fault("s3", "GetObject", "InvalidObjectState", "frozen"))

    assert failure(reading, "a/1") == ("InvalidObjectState", "frozen")
    assert got(reading, "a/1")[2] == b"content of a/1"


def test_options_of_a_call_are_a_requests(reading: Any) -> None:
    part = reading.get_object(Bucket=BUCKET, Key="a/1", Range="bytes=0-6")

    assert part["Body"].read() == b"content"


def test_what_has_changed_is_read_anew(runtime: LocalRuntime, reading: Any) -> None:
    s3 = runtime.client("s3")
    s3.put_object(Bucket=BUCKET, Key="a/new", Body=b"1")
    assert got(reading, "a/new")[2] == b"1"

    s3.put_object(Bucket=BUCKET, Key="a/new", Body=b"2")
    assert got(reading, "a/new")[2] == b"2"

    s3.delete_object(Bucket=BUCKET, Key="a/new")
    assert failure(reading, "a/new")[0] == "AccessDenied"


def test_reading_needs_no_request(reading: Any) -> None:
    def sent(**_: Any) -> None:
        raise AssertionError("a request was made")

    reading.meta.events.register("before-send", sent, unique_id="none")
    try:
        assert got(reading, "a/1")[2] == b"content of a/1"
    finally:
        reading.meta.events.unregister("before-send", unique_id="none")


def test_a_client_of_this_process_needs_no_socket_and_another_host_does() -> None:
    seen: list[Request] = []

    def stopped(request: Request) -> Any:
        seen.append(request)
        raise StoppedError

    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url="http://localhost:9",
        aws_access_key_id="key",
        aws_secret_access_key="made up",
    )
    InProcess(9, stopped).attach(client)

    with pytest.raises(EndpointConnectionError):
        client.put_object(Bucket="bucket-of", Key="a b", Body=b"content")

    assert {(request.method, request.target, request.body) for request in seen} == {
        ("PUT", "/bucket-of/a%20b", b"content")
    }
    assert seen[0].headers["host"] == "localhost:9"
    elsewhere = AWSRequest("GET", "http://example.com:9/").prepare()
    assert InProcess(9, stopped).send(elsewhere) is None
