"""S3: a bucket's EventBridge notifications, in templates and when an object is written."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.s3 import notifications
from moto.s3.models import FakeBucket, FakeKey

from pocketaws.change import Change
from pocketaws.events.moto.events import raise_event
from pocketaws.events.object_events import REASONS, WrittenObject, object_created

_PUT: Final = "s3:ObjectCreated:Put"
_PROPERTY: Final = "NotificationConfiguration"
_EVENT_BRIDGE: Final = "EventBridgeConfiguration"


def changes() -> list[Change]:
    """Return what to change in moto's S3."""
    return [
        Change(notifications, "_send_event_bridge_message", _send()),
        Change(FakeBucket, "create_from_cloudformation_json", _created()),
        Change(FakeBucket, "update_from_cloudformation_json", _updated()),
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


def _created() -> Any:
    original = FakeBucket.create_from_cloudformation_json.__func__

    def create(
        cls: type[FakeBucket],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        *more: Any,
        **named: Any,
    ) -> FakeBucket:
        bucket = original(cls, resource_name, cloudformation_json, *more, **named)
        _notify(bucket, cloudformation_json.get("Properties", {}))
        return bucket

    return classmethod(create)


def _updated() -> Any:
    original = FakeBucket.update_from_cloudformation_json.__func__

    def update(
        cls: type[FakeBucket], /, *, cloudformation_json: dict[str, Any], **named: Any
    ) -> FakeBucket:
        bucket = original(cls, cloudformation_json=cloudformation_json, **named)
        _notify(bucket, cloudformation_json["Properties"])
        return bucket

    return classmethod(update)


def _notify(bucket: FakeBucket, properties: Mapping[str, Any]) -> None:
    """Switch EventBridge's notifications on or off; moto's templates know no notifications."""
    wanted = properties.get(_PROPERTY, {}).get(_EVENT_BRIDGE)
    is_on = wanted is not None and str(wanted["EventBridgeEnabled"]).lower() == "true"
    bucket.set_notification_configuration({_EVENT_BRIDGE: {}} if is_on else None)
