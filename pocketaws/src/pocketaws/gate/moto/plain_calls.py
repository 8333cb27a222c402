"""What jobs ask S3 for most, a listing or an object to read or write, without a request.

A processing job copies dozens of small files, and large ones. Where nothing stands in the way (no
fault, no refusal, no option of the call) the answer is taken from where moto keeps the objects,
and files change hands; everything else goes the way of all requests, so that it is refused and
failed in the same words.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore import xform_name
from moto.s3.models import FakeBucket, FakeKey, s3_backends

from pocketaws.calls import Call
from pocketaws.gate.faults import Fault
from pocketaws.handed import HandedFile, HeldBody, is_fetching
from pocketaws.iam.enforcement import Enforcement
from pocketaws.wire.authentication import Caller
from pocketaws.wire.keys import Keys

_SERVICE: Final = "s3"
# By the call, the parameters that it may have; with any other it is a request.
_PLAIN: Final[Mapping[str, frozenset[str]]] = {
    "GetObject": frozenset({"Bucket", "Key"}),
    "HeadObject": frozenset({"Bucket", "Key"}),
    "ListObjectsV2": frozenset({"Bucket", "Prefix"}),
    "PutObject": frozenset({"Bucket", "Key", "Body"}),
}
_OPTIONAL: Final = frozenset({"Prefix"})
_BODY: Final = "Body"
# What a request calls a parameter otherwise, and so does a policy's condition on it.
_IN_REQUESTS: Final = {"Prefix": "prefix"}
_MAX_KEYS: Final = 1000
_STANDARD: Final = "STANDARD"
# The digest of as much takes a few milliseconds.
_BEGUN_BYTES: Final = 1024**2
# That of as much takes half a second of a core that is free, and a share of one otherwise.
_LARGE_BYTES: Final = 256 * 1024**2
_METADATA: Final = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}


@dataclass(frozen=True)
class PlainCalls:
    """Answers clients' plain calls of S3.

    Attributes:
        keys: of the account.
        enforcement: decides what a caller may.
        faults: that somebody asked for; while there is any, nothing is answered here.
        bucket: returns one by its name.
        region: that calls are made in.
    """

    keys: Keys
    enforcement: Enforcement
    faults: Sequence[Fault]
    bucket: Callable[[str], FakeBucket | None]
    region: str

    def attach(self, client: Any, access_key_id: str) -> None:
        """Answer what a client of S3 asks with a key."""
        self._attach(client, access_key_id, lambda *_: True)

    def attach_files(self, client: Any, access_key_id: str) -> None:
        """Answer a client of S3 only where files change hands."""
        self._attach(client, access_key_id, _is_of_files)

    def _attach(
        self, client: Any, access_key_id: str, wanted: Callable[[str, Mapping[str, Any]], bool]
    ) -> None:
        for operation in _PLAIN:
            self._answer_method(client, operation, access_key_id, wanted)

    def _answer_method(
        self,
        client: Any,
        operation: str,
        access_key_id: str,
        wanted: Callable[[str, Mapping[str, Any]], bool],
    ) -> None:
        """Put a method in the place of a client's own, which is left what is no plain call.

        What botocore does around a call takes longer than the answer.
        """
        name = xform_name(operation)
        request = getattr(client, name)

        def call(*args: Any, **asked: Any) -> Any:
            found = None
            if not args and wanted(operation, asked):
                found = self._answer(operation, asked, access_key_id)
            if found is None:
                return request(*args, **asked)
            found["ResponseMetadata"] = _METADATA
            return found

        setattr(client, name, call)

    def _answer(
        self, operation: str, asked: Mapping[str, Any], access_key_id: str
    ) -> dict[str, Any] | None:
        plain = _PLAIN[operation]
        is_plain = plain - _OPTIONAL <= asked.keys() <= plain
        if not is_plain or any(fault.times for fault in self.faults):
            return None
        bucket = self.bucket(asked["Bucket"])
        if bucket is None or not self._may(operation, asked, access_key_id):
            return None
        return _ANSWERS[operation](bucket, asked)

    def _may(self, operation: str, asked: Mapping[str, Any], access_key_id: str) -> bool:
        key = self.keys.key(access_key_id)
        if key is None or (key.expires is not None and key.expires <= _now()):
            return False
        given = {
            _IN_REQUESTS.get(name, name): value for name, value in asked.items() if name != _BODY
        }
        call = Call(_SERVICE, operation, given, self.region)
        caller = Caller(key, self.region, _SERVICE)
        return self.enforcement.refusal_of(call, caller) is None


class _Entry(dict[str, Any]):
    """What is said of an object; its ETag is a digest, which nobody waits for who does not ask."""

    def __init__(self, found: FakeKey, **more: Any) -> None:
        super().__init__(more, LastModified=found.last_modified.replace(tzinfo=datetime.UTC))
        self._found = found

    def __missing__(self, name: str) -> Any:
        if name != "ETag":
            raise KeyError(name)
        return self._found.etag


def _is_of_files(operation: str, asked: Mapping[str, Any]) -> bool:
    if operation == "PutObject":
        return isinstance(asked.get(_BODY), HandedFile)
    return operation == "GetObject" and is_fetching()


def _now() -> datetime.datetime:
    return datetime.datetime.now(tz=datetime.UTC)


def _object(bucket: FakeBucket, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    found = _usual(bucket, asked)
    if found is None:
        return None
    size = found.contentsize
    return _Entry(found, Body=HeldBody(found._value_buffer.open(), size), ContentLength=size)


def _head(bucket: FakeBucket, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    found = _usual(bucket, asked)
    return None if found is None else _Entry(found, ContentLength=found.contentsize)


def _usual(bucket: FakeBucket, asked: Mapping[str, Any]) -> FakeKey | None:
    found = bucket.keys.get(asked["Key"])
    is_usual = isinstance(found, FakeKey) and found.storage_class == _STANDARD
    return found if is_usual else None


def _written(bucket: FakeBucket, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    body = asked.get(_BODY)
    if not isinstance(body, HandedFile) or bucket.object_lock_enabled:
        return None
    backend = s3_backends[bucket.account_id][bucket.partition]
    written = backend.put_object(bucket.name, asked["Key"], body.handed)
    # As S3Response.put_object ends without any header.
    written.set_acl(bucket.acl)
    backend.put_object_tagging(written, {})
    if body.handed.size > _BEGUN_BYTES:
        written._value_buffer.begin_md5()
    if body.handed.size > _LARGE_BYTES:
        # Who asks for it first would wait, such as a handler that may run for some seconds alone.
        _ = written.etag
    return _Entry(written, **({"VersionId": written.version_id} if bucket.is_versioned else {}))


def _listing(bucket: FakeBucket, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    prefix = asked.get("Prefix", "")
    objects = [
        found
        for found in bucket.keys.values()
        if isinstance(found, FakeKey) and found.name.startswith(prefix)
    ]
    if len(objects) > _MAX_KEYS:
        return None
    items = [
        _Entry(found, Key=found.name, Size=found.size)
        for found in sorted(objects, key=lambda found: found.name.encode())
    ]
    contents = {"Contents": items} if items else {}
    return {
        **contents,
        "Name": bucket.name,
        "Prefix": prefix,
        "KeyCount": len(items),
        "MaxKeys": _MAX_KEYS,
        "IsTruncated": False,
    }


_ANSWERS: Final[Mapping[str, Callable[[FakeBucket, Mapping[str, Any]], dict[str, Any] | None]]] = {
    "GetObject": _object,
    "HeadObject": _head,
    "ListObjectsV2": _listing,
    "PutObject": _written,
}
