"""What has been deleted, replaced or packed leaves the memory of a runtime."""

import copy
import gc
import time
import weakref

from moto.logs.models import LogEvent, logs_backends
from moto.s3.models import FakeKey, s3_backends

from pocketaws.runtime import LocalRuntime


def test_an_object_that_is_replaced_or_deleted_is_let_go(runtime: LocalRuntime) -> None:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="let-go")
    keys: list[weakref.ref[FakeKey]] = []
    for _ in range(2):
        s3.put_object(Bucket="let-go", Key="key", Body=b"x" * 5000)
        backend = s3_backends["123456789012"]["aws"]
        keys.append(weakref.ref(backend.buckets["let-go"].keys["key"]))
    s3.delete_object(Bucket="let-go", Key="key")
    gc.collect()

    assert [key() for key in keys] == [None, None]


def test_a_key_that_is_let_go_takes_nothing_from_one_that_shares_its_content(
    runtime: LocalRuntime,
) -> None:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="shared")
    s3.put_object(Bucket="shared", Key="key", Body=b"x" * 5000)
    kept = s3_backends["123456789012"]["aws"].buckets["shared"].keys["key"]
    other = copy.copy(kept)
    del other
    gc.collect()

    assert s3.get_object(Bucket="shared", Key="key")["Body"].read() == b"x" * 5000


def test_log_events_are_packed_and_read_as_they_were_put(runtime: LocalRuntime) -> None:
    logs = runtime.client("logs")
    named = {"logGroupName": "let-go", "logStreamName": "stream"}
    logs.create_log_group(logGroupName="let-go")
    logs.create_log_stream(**named)
    begun = int(time.time() * 1000) - 1000
    put = [{"timestamp": begun + n, "message": f"line {n}"} for n in range(100)]
    gc.collect()
    before = sum(isinstance(one, LogEvent) for one in gc.get_objects())

    logs.put_log_events(**named, logEvents=put)

    gc.collect()
    assert sum(isinstance(one, LogEvent) for one in gc.get_objects()) == before
    got = logs.get_log_events(**named, startFromHead=True)["events"]
    assert [{key: event[key] for key in ("timestamp", "message")} for event in got] == put
    found = logs.filter_log_events(logGroupName="let-go", filterPattern='"line 7"')["events"]
    assert [event["message"] for event in found] == [
        "line 7",
        *(f"line 7{n}" for n in range(10)),
    ]


def test_the_record_of_an_object_holds_only_what_is_its_own(runtime: LocalRuntime) -> None:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="slim")
    s3.put_object(Bucket="slim", Key="plain", Body=b"1")
    s3.put_object(Bucket="slim", Key="told", Body=b"2", Metadata={"by": "me"}, Tagging="a=b")
    s3.copy_object(Bucket="slim", Key="copied", CopySource="slim/told")
    keys = s3_backends["123456789012"]["aws"].buckets["slim"].keys

    assert len(vars(keys["plain"])) < 20
    heads = {name: s3.head_object(Bucket="slim", Key=name) for name in keys}
    assert {name: head["Metadata"] for name, head in heads.items()} == {
        "plain": {},
        "told": {"by": "me"},
        "copied": {"by": "me"},
    }
    assert {head["ContentType"] for head in heads.values()} == {"binary/octet-stream"}
    tagged = {name: s3.get_object_tagging(Bucket="slim", Key=name)["TagSet"] for name in keys}
    assert tagged["plain"] == []
    assert tagged["told"] == [{"Key": "a", "Value": "b"}]


def test_lines_that_come_one_by_one_are_joined_and_read_in_their_order(
    runtime: LocalRuntime,
) -> None:
    logs = runtime.client("logs")
    named = {"logGroupName": "one-by-one", "logStreamName": "stream"}
    logs.create_log_group(logGroupName="one-by-one")
    logs.create_log_stream(**named)
    begun = int(time.time() * 1000) - 1000
    for n in range(70):
        logs.put_log_events(**named, logEvents=[{"timestamp": begun + n, "message": f"line {n}"}])
    stream = logs_backends["123456789012"]["us-east-1"].groups["one-by-one"].streams["stream"]

    assert len(stream.events) == 70
    got = logs.get_log_events(**named, startFromHead=True)["events"]
    assert [event["message"] for event in got] == [f"line {n}" for n in range(70)]
    (described,) = logs.describe_log_streams(logGroupName="one-by-one")["logStreams"]
    assert described["arn"].endswith(":log-group:one-by-one:log-stream:stream")
