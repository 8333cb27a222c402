"""moto's records of S3's objects: what is the same for nearly all of them is kept once.

An account has thousands of objects, and each record has 36 attributes of its own, most of them
None: more than Python lays out together, so that a record would take 2.5 kB.
"""

from collections.abc import Callable
from typing import Any, Final

from moto.s3 import models
from moto.s3.models import FakeKey, S3Backend
from moto.utilities.utils import LowercaseDict

from pocketaws.change import Change

# As FakeKey's __init__ leaves them where a call says nothing else.
_USUAL: Final[dict[str, Any]] = {
    "website_redirect_location": None,
    "checksum_algorithm": None,
    "_storage_class": "STANDARD",
    "_expiry": None,
    "_version_id": "null",
    "_is_versioned": False,
    "multipart": None,
    "disposed": False,
    "encryption": None,
    "kms_key_id": None,
    "bucket_key_enabled": None,
    "lock_mode": None,
    "lock_legal_status": None,
    "lock_until": None,
    "checksum_value": None,
    "checksum_type": None,
    "checksum_parts": None,
    "_status": None,
    "_tick": 0,
    "model_name": "s3::keyrestore",
    "_transitions": [(None, "IN_PROGRESS"), ("IN_PROGRESS", "RESTORED")],
}
# Kept once for each value, too: an account has few buckets.
_FEW: Final = ("account_id", "region_name", "partition", "bucket_name", "_max_buffer_size")
_KNOWN: Final[dict[Any, Any]] = {}
_METADATA: Final = LowercaseDict({"Content-Type": "binary/octet-stream"})


class SlimKey(FakeKey):  # type: ignore[misc]
    """A record that has of its own only what is not as in most others.

    It stays one after the runtime: whoever still holds it lets it go in silence, where moto's own
    would complain that nobody has disposed of it.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        fields = {
            name: value
            for name, value in vars(self).items()
            if name not in _USUAL or value != _USUAL[name]
        }
        for name in _FEW:
            fields[name] = _KNOWN.setdefault(fields[name], fields[name])
        fields["_metadata"] = _METADATA
        self.__dict__ = fields

    def __del__(self) -> None:
        """Leave the content to the last of the keys that share it."""

    def set_metadata(self, metadata: Any, replace: bool = False) -> None:  # noqa: FBT002 - moto's
        """Keep metadata of its own, where it has any."""
        if metadata or replace:
            self._metadata: Any = LowercaseDict(vars(self)["_metadata"])
            super().set_metadata(metadata, replace)


for _name, _value in _USUAL.items():
    setattr(SlimKey, _name, _value)


def changes() -> list[Change]:
    """Return what to change in moto's S3."""
    return [
        Change(models, "FakeKey", SlimKey),
        Change(S3Backend, "put_object_tagging", _put_tags()),
    ]


def _put_tags() -> Callable[..., FakeKey]:
    original = S3Backend.put_object_tagging

    def put_object_tagging(self: S3Backend, key: FakeKey, tags: dict[str, str] | None) -> FakeKey:
        put: FakeKey = original(self, key, tags)
        if not tags:
            # What has none needs no record that it has none.
            self.tagger.delete_all_tags_for_resource(key.arn)
        return put

    return put_object_tagging
