"""What has been deleted, replaced or packed leaves the memory of a runtime."""

import copy
import gc
import time
import weakref

from moto.logs.models import LogEvent
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
