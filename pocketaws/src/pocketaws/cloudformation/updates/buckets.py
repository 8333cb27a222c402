"""Buckets: what a template says of one, in the words of S3's calls.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pocketaws.cloudformation.template_properties import checked_request
from pocketaws.cloudformation.updates.changed import Changed, MakeClient, is_true

_RULE_MEMBERS: Final = (
    "AbortIncompleteMultipartUpload",
    "NoncurrentVersionExpiration",
    "Status",
)
_PUBLIC_ACCESS: Final = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
)
_CORS_MEMBERS: Final = {
    "AllowedHeaders": "AllowedHeaders",
    "AllowedMethods": "AllowedMethods",
    "AllowedOrigins": "AllowedOrigins",
    "ExposedHeaders": "ExposeHeaders",
    "Id": "ID",
    "MaxAge": "MaxAgeSeconds",
}


def update_bucket(clients: MakeClient, changed: Changed) -> None:
    """Make a bucket what its template says."""
    s3, name = clients("s3"), changed.physical_id
    for property_name, (put, delete) in _SETTINGS.items():
        if not changed.differs(property_name):
            continue
        value = changed.after.get(property_name)
        if value is not None:
            put(s3, name, value)
        else:
            delete(s3, name)


def _put_versioning(s3: Any, name: str, value: Mapping[str, Any]) -> None:
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": value["Status"]})


def _suspend_versioning(s3: Any, name: str) -> None:
    # A bucket that had versions never becomes one without.
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})


def _put_encryption(s3: Any, name: str, value: Mapping[str, Any]) -> None:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
            "BucketKeyEnabled": is_true(rule.get("BucketKeyEnabled", False)),
        }
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})


def _put_access(s3: Any, name: str, value: Mapping[str, Any]) -> None:
    blocks = {key: is_true(value.get(key, False)) for key in _PUBLIC_ACCESS}
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocks)


def _put_notifications(s3: Any, name: str, value: Mapping[str, Any]) -> None:
    wanted = value.get("EventBridgeConfiguration")
    is_on = wanted is not None and is_true(wanted.get("EventBridgeEnabled", True))
    configuration: dict[str, Any] = {"EventBridgeConfiguration": {}} if is_on else {}
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)


def _no_notifications(s3: Any, name: str) -> None:
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={})


def _put_cors(s3: Any, name: str, value: Mapping[str, Any]) -> None:
    rules = [
        {_CORS_MEMBERS[key]: item for key, item in rule.items()} for rule in value["CorsRules"]
    ]
    request = {"Bucket": name, "CORSConfiguration": {"CORSRules": rules}}
    s3.put_bucket_cors(**checked_request(request, "s3", "PutBucketCors"))


def _put_ownership(s3: Any, name: str, value: Mapping[str, Any]) -> None:
    rules = [dict(rule) for rule in value["Rules"]]
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": rules})


def _put_lifecycle(s3: Any, name: str, value: Mapping[str, Any]) -> None:
    rules = [_lifecycle_rule(rule) for rule in value["Rules"]]
    request = {"Bucket": name, "LifecycleConfiguration": {"Rules": rules}}
    s3.put_bucket_lifecycle_configuration(
        **checked_request(request, "s3", "PutBucketLifecycleConfiguration")
    )


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    fields = {key: rule[key] for key in _RULE_MEMBERS if key in rule}
    if "Id" in rule:
        fields["ID"] = rule["Id"]
    fields["Filter"] = _lifecycle_filter(rule)
    expiration = {"Days": rule.get("ExpirationInDays"), "Date": rule.get("ExpirationDate")}
    if "ExpiredObjectDeleteMarker" in rule:
        expiration["ExpiredObjectDeleteMarker"] = is_true(rule["ExpiredObjectDeleteMarker"])
    expiration = {key: item for key, item in expiration.items() if item is not None}
    if expiration:
        fields["Expiration"] = expiration
    if "NoncurrentVersionExpirationInDays" in rule:
        days = rule["NoncurrentVersionExpirationInDays"]
        fields["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
    transitions = rule.get("Transitions") or [rule[key] for key in ("Transition",) if key in rule]
    if transitions:
        fields["Transitions"] = [_transition(item) for item in transitions]
    return fields


def _lifecycle_filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    tags = [dict(tag) for tag in rule.get("TagFilters") or []]
    prefix = rule.get("Prefix", "")
    if not tags:
        return {"Prefix": prefix}
    if len(tags) == 1 and not prefix:
        return {"Tag": tags[0]}
    return {"And": {"Prefix": prefix, "Tags": tags}}


def _transition(item: Mapping[str, Any]) -> dict[str, Any]:
    members = {"TransitionInDays": "Days", "TransitionDate": "Date", "StorageClass": "StorageClass"}
    return {members[key]: value for key, value in item.items()}


def _put_tags(s3: Any, name: str, value: Any) -> None:
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [dict(tag) for tag in value]})


_Put = Callable[[Any, str, Any], None]
_Delete = Callable[[Any, str], None]
_SETTINGS: Final[Mapping[str, tuple[_Put, _Delete]]] = {
    "BucketEncryption": (
        _put_encryption,
        lambda s3, name: s3.delete_bucket_encryption(Bucket=name),
    ),
    "CorsConfiguration": (_put_cors, lambda s3, name: s3.delete_bucket_cors(Bucket=name)),
    "LifecycleConfiguration": (
        _put_lifecycle,
        lambda s3, name: s3.delete_bucket_lifecycle(Bucket=name),
    ),
    "NotificationConfiguration": (_put_notifications, _no_notifications),
    "OwnershipControls": (
        _put_ownership,
        lambda s3, name: s3.delete_bucket_ownership_controls(Bucket=name),
    ),
    "PublicAccessBlockConfiguration": (
        _put_access,
        lambda s3, name: s3.delete_public_access_block(Bucket=name),
    ),
    "Tags": (_put_tags, lambda s3, name: s3.delete_bucket_tagging(Bucket=name)),
    "VersioningConfiguration": (_put_versioning, _suspend_versioning),
}
