"""S3: what templates say of buckets, and EventBridge's notifications of what is written."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from moto.cloudformation.exceptions import ValidationError
from moto.s3 import notifications
from moto.s3.models import FakeBucket, FakeKey

from pocketaws.change import Change
from pocketaws.cloudformation.moto.resource_errors import client_errors
from pocketaws.cloudformation.updates.buckets import update_bucket
from pocketaws.cloudformation.updates.changed import Changed, MakeClient
from pocketaws.events.moto.events import raise_event
from pocketaws.events.object_events import REASONS, WrittenObject, object_created

_PUT: Final = "s3:ObjectCreated:Put"
_TYPE: Final = "AWS::S3::Bucket"


def changes(make_client: MakeClient) -> list[Change]:
    """Return what to change in moto's S3.

    Args:
        make_client: returns a client of an emulated service by its name.
    """
    return [
        Change(notifications, "_send_event_bridge_message", _send()),
        Change(FakeBucket, "create_from_cloudformation_json", _created(make_client)),
        Change(FakeBucket, "delete_from_cloudformation_json", _deleted(make_client)),
    ]


def _send() -> Callable[..., None]:
    original = notifications._send_event_bridge_message

    def send(account_id: str, bucket: FakeBucket, event_name: str, key: FakeKey) -> None:
        # An enumeration of moto's whose members are texts.
        reason = REASONS.get(str(getattr(event_name, "value", event_name)))
        if reason is None:
            original(account_id, bucket, event_name, key)
        elif event_name != _PUT or key.multipart is None:
            # moto tells of a multipart upload twice, first as if it had been one PutObject.
            _raise(account_id, bucket, reason, key)

    return send


def _raise(account_id: str, bucket: FakeBucket, reason: str, key: FakeKey) -> None:
    written = WrittenObject(
        bucket_name=bucket.name,
        key=key.name,
        size=key.size,
        etag=key.etag.strip('"'),
        version_id=key.version_id if bucket.is_versioned else None,
    )
    raise_event(
        "Object Created",
        object_created(written, reason=reason, requester=account_id),
        source="aws.s3",
        resource_arn=bucket.arn,
        region=bucket.region_name,
    )


def _deleted(make_client: MakeClient) -> Any:
    """Return how AWS::S3::Bucket is deleted: one that holds objects is not."""

    def delete(cls: type[FakeBucket], /, resource_name: str, *_: Any, **__: Any) -> None:  # noqa: ARG001
        s3 = make_client("s3")
        # Whoever has deleted it before has done the stack's work.
        with suppress(s3.exceptions.NoSuchBucket), client_errors():
            s3.delete_bucket(Bucket=resource_name)

    return classmethod(delete)


def _created(make_client: MakeClient) -> Any:
    original = FakeBucket.create_from_cloudformation_json.__func__

    def create(
        cls: type[FakeBucket],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        *more: Any,
        **named: Any,
    ) -> FakeBucket:
        # moto's templates know encryption and tags alone.
        bucket = original(cls, resource_name, {"Properties": {}}, *more, **named)
        properties = cloudformation_json.get("Properties", {})
        try:
            with client_errors():
                update_bucket(make_client, Changed(_TYPE, bucket.name, bucket.arn, {}, properties))
        except ValidationError:
            bucket.delete_from_cloudformation_json(
                bucket.name, {}, bucket.account_id, bucket.region_name
            )
            raise
        return bucket

    return classmethod(create)
