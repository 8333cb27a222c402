"""What EventBridge is told of objects that are written, call by call."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pocketaws.runtime import LocalRuntime

# S3 takes no smaller part but the last.
PART_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Watched:
    """A bucket whose Object Created events come to a queue."""

    s3: Any
    sqs: Any
    queue_url: str
    name: str

    def events(self) -> list[dict[str, Any]]:
        """Return what has been told since the last time."""
        answer = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        found = answer.get("Messages", [])
        for message in found:
            self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]


@pytest.fixture
def watched(runtime: LocalRuntime) -> Iterator[Watched]:
    s3, sqs, events = (runtime.client(name) for name in ("s3", "sqs", "events"))
    name = f"watched-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    queue_url = sqs.create_queue(QueueName=name)["QueueUrl"]
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [name]}},
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    yield Watched(s3, sqs, queue_url, name)
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)


def test_a_written_object_is_told_with_the_documented_fields(watched: Watched) -> None:
    answer = watched.s3.put_object(Bucket=watched.name, Key="raw/a b+c.csv", Body=b"12345")

    (event,) = watched.events()
    assert event["source"] == "aws.s3"
    assert event["region"] == "us-east-1"
    assert event["resources"] == [f"arn:aws:s3:::{watched.name}"]
    detail = event["detail"]
    assert int(detail["object"].pop("sequencer"), 16) > 0
    assert detail["object"] == {
        "key": "raw/a b+c.csv",
        "size": 5,
        "etag": answer["ETag"].strip('"'),
    }
    assert detail["bucket"] == {"name": watched.name}
    assert detail["reason"] == "PutObject"
    assert detail.keys() == {
        *("version", "bucket", "object", "request-id", "requester", "source-ip-address"),
        "reason",
    }


def test_a_bucket_with_versions_tells_the_version(watched: Watched) -> None:
    watched.s3.put_bucket_versioning(
        Bucket=watched.name, VersioningConfiguration={"Status": "Enabled"}
    )
    answer = watched.s3.put_object(Bucket=watched.name, Key="key", Body=b"")

    (event,) = watched.events()
    assert event["detail"]["object"]["version-id"] == answer["VersionId"]


def test_a_copy_is_told_once(watched: Watched) -> None:
    watched.s3.put_object(Bucket=watched.name, Key="from", Body=b"123")
    watched.events()
    watched.s3.copy_object(
        Bucket=watched.name, Key="to", CopySource={"Bucket": watched.name, "Key": "from"}
    )

    (event,) = watched.events()
    assert event["detail"]["object"]["key"] == "to"
    assert event["detail"]["reason"] == "CopyObject"


def test_an_upload_in_parts_is_told_once_and_only_when_it_is_complete(watched: Watched) -> None:
    named = {"Bucket": watched.name, "Key": "large"}
    upload = {**named, "UploadId": watched.s3.create_multipart_upload(**named)["UploadId"]}
    parts = [
        {
            "PartNumber": number,
            "ETag": watched.s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in ((1, b"x" * PART_BYTES), (2, b"y"))
    ]
    assert watched.events() == []
    watched.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    (event,) = watched.events()
    assert event["detail"]["reason"] == "CompleteMultipartUpload"
    assert event["detail"]["object"]["size"] == PART_BYTES + 1


def test_what_is_deleted_or_tagged_was_not_created(watched: Watched) -> None:
    named = {"Bucket": watched.name, "Key": "key"}
    watched.s3.put_object(**named, Body=b"")
    watched.events()
    watched.s3.put_object_tagging(**named, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    watched.s3.delete_object(**named)

    assert watched.events() == []
