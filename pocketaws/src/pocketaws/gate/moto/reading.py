"""What jobs ask S3 for most, a listing or an object, answered without a request.

A processing job copies dozens of small files. Where nothing stands in the way (no fault, no
refusal, no option of the call) the answer is taken from where moto keeps the objects; everything
else goes the way of all requests, so that it is refused and failed in the same words.
"""

import datetime
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from botocore.response import StreamingBody
from moto.s3.models import FakeBucket, FakeKey

from pocketaws.calls import Call
from pocketaws.gate.faults import Fault
from pocketaws.iam.enforcement import Enforcement
from pocketaws.wire.authentication import Caller
from pocketaws.wire.keys import Keys

_SERVICE: Final = "s3"
# By the call, the parameters that it may have; with any other it is a request.
_PLAIN: Final[Mapping[str, frozenset[str]]] = {
    "GetObject": frozenset({"Bucket", "Key"}),
    "ListObjectsV2": frozenset({"Bucket", "Prefix"}),
}
_MAX_KEYS: Final = 1000
_STANDARD: Final = "STANDARD"
_ASKED: Final = "pocketaws.asked"
_DONE: Final = SimpleNamespace(status_code=200)
_METADATA: Final = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}


@dataclass(frozen=True)
class ObjectReading:
    """Answers clients' plain readings of S3.

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
        """Answer what a client of S3 reads with a key."""

        def keep(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
            context[_ASKED] = dict(params)

        def answer(model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, Any] | None:
            asked = context.pop(_ASKED, {})
            found = self._answer(model.name, asked, access_key_id)
            return None if found is None else (_DONE, {**found, "ResponseMetadata": _METADATA})

        for operation in _PLAIN:
            client.meta.events.register(f"provide-client-params.s3.{operation}", keep)
            client.meta.events.register(f"before-call.s3.{operation}", answer)

    def _answer(
        self, operation: str, asked: Mapping[str, Any], access_key_id: str
    ) -> dict[str, Any] | None:
        if any(fault.times for fault in self.faults) or not asked.keys() <= _PLAIN[operation]:
            return None
        bucket = self.bucket(asked.get("Bucket", ""))
        if bucket is None or not self._may(operation, asked, access_key_id):
            return None
        return _READ[operation](bucket, asked)

    def _may(self, operation: str, asked: Mapping[str, Any], access_key_id: str) -> bool:
        key = self.keys.key(access_key_id)
        if key is None or (key.expires is not None and key.expires <= _now()):
            return False
        call = Call(_SERVICE, operation, dict(asked), self.region)
        caller = Caller(key, self.region, _SERVICE)
        return self.enforcement.refusal_of(call, caller) is None


def _now() -> datetime.datetime:
    return datetime.datetime.now(tz=datetime.UTC)


def _object(bucket: FakeBucket, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    found = bucket.keys.get(asked["Key"])
    if not isinstance(found, FakeKey) or found.storage_class != _STANDARD:
        return None
    content = found.value
    return {
        "Body": StreamingBody(io.BytesIO(content), len(content)),
        "ContentLength": len(content),
        "ETag": found.etag,
        "LastModified": found.last_modified.replace(tzinfo=datetime.UTC),
    }


def _listing(bucket: FakeBucket, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    prefix = asked.get("Prefix", "")
    objects = [
        found
        for found in bucket.keys.values()
        if isinstance(found, FakeKey) and found.name.startswith(prefix)
    ]
    if len(objects) > _MAX_KEYS:
        return None
    told = [
        {
            "Key": found.name,
            "Size": found.size,
            "ETag": found.etag,
            "LastModified": found.last_modified.replace(tzinfo=datetime.UTC),
        }
        for found in sorted(objects, key=lambda found: found.name.encode())
    ]
    contents = {"Contents": told} if told else {}
    return {
        **contents,
        "Name": bucket.name,
        "Prefix": prefix,
        "KeyCount": len(told),
        "MaxKeys": _MAX_KEYS,
        "IsTruncated": False,
    }


_READ: Final[Mapping[str, Callable[[FakeBucket, Mapping[str, Any]], dict[str, Any] | None]]] = {
    "GetObject": _object,
    "ListObjectsV2": _listing,
}
