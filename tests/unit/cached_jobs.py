"""What functions/cached_outputs is asked about an execution, as its state asks it."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from tests.unit.modules import PROJECT_DIR, load
from tests.unit.prepared_input import parse, prepare
from workflow.definition import names

cached = load("cached_outputs")
_DEFINITION: Final = json.loads(
    (PROJECT_DIR / "workflow" / "definition" / "definition.asl.json").read_text(encoding="utf-8")
)
PAYLOAD: Final = _DEFINITION["States"][names.FIND_CACHED_OUTPUTS]["Parameters"]["Payload"]
BUCKET: Final = "abalone-bucket"
SUBSTITUTED: Final = {
    names.JOB_SCRIPTS_URI: f"s3://{BUCKET}/jobs/0123/",
    names.PROCESSING_IMAGE_URI: "1.dkr.ecr.us-east-1.amazonaws.com/sklearn:1",
    names.XGBOOST_IMAGE_URI: "1.dkr.ecr.us-east-1.amazonaws.com/xgboost:1",
}
_MERGE: Final = re.compile(r"States\.JsonMerge\((\S+), (\S+), false\)")
MOMENT: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)


def event_of(
    execution_input: Mapping[str, Any] | None = None, *, name: str = "run-1", **substituted: str
) -> dict[str, Any]:
    """Return the event of an execution with an input, its paths read in the prepared execution."""
    prepared = prepare.prepared.prepare(
        parse({"input_data_uri": f"s3://{BUCKET}/input/", **(execution_input or {})}),
        execution_arn=f"arn:aws:states:us-east-1:123456789012:execution:abalone:{name}",
        execution_name=name,
        start_time="2026-11-29T12:00:00Z",
        bucket_name=BUCKET,
        experiment_name="abalone",
        input_data_version="1",
        git_commit="unknown",
    )
    texts = {**SUBSTITUTED, **{f"${{{key}}}": value for key, value in substituted.items()}}
    event: dict[str, Any] = _resolved(PAYLOAD, prepared, texts)
    return event


def _resolved(value: Any, state: Mapping[str, Any], texts: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_resolved(item, state, texts) for item in value]
    if isinstance(value, dict):
        return {
            key.removesuffix(".$"): _at(item, state)
            if key.endswith(".$")
            else _resolved(item, state, texts)
            for key, item in value.items()
        }
    return texts.get(value, value) if isinstance(value, str) else value


def _at(path: str, state: Any) -> Any:
    merge = _MERGE.fullmatch(path)
    if merge:
        return {**_at(merge[1], state), **_at(merge[2], state)}
    for name in path.removeprefix("$.").split("."):
        state = state[name]
    return state


@dataclass
class Bucket:
    """An S3 that lists objects, a page of two at a time; the bytes by bucket and key.

    Attributes:
        at: when each object was written; `MOMENT` where nothing is told.
    """

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    at: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def put(self, uri: str, content: bytes, at: datetime = MOMENT) -> None:
        bucket_name, _, key = uri.removeprefix("s3://").partition("/")
        self.objects[bucket_name, key] = content
        self.at[bucket_name, key] = at

    def get_paginator(self, _name: str) -> "Bucket":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's
        found = [
            {
                "Key": key,
                "Size": len(content),
                "ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"',
                "LastModified": self.at[bucket_name, key],
            }
            for (bucket_name, key), content in sorted(self.objects.items())
            if bucket_name == Bucket and key.startswith(Prefix)
        ]
        return [{"Contents": found[at : at + 2]} for at in range(0, len(found), 2)] or [{}]


class _ConditionalCheckFailed(Exception):  # noqa: N818 - it stands for botocore's
    pass


class Items:
    """A table of DynamoDB that knows the two calls that the functions make."""

    class exceptions:  # noqa: N801 - as a client has it
        ConditionalCheckFailedException = _ConditionalCheckFailed

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def get_item(self, **request: Any) -> dict[str, Any]:
        assert request["ConsistentRead"]
        item = self.items.get(request["Key"]["cache_key"]["S"])
        return {"Item": item} if item else {}

    def put_item(self, **request: Any) -> None:
        assert request["ConditionExpression"] == (
            "attribute_not_exists(cache_key) OR started_at < :started_at"
        )
        item = request["Item"]
        before = self.items.get(item["cache_key"]["S"])
        if before and float(before["started_at"]["N"]) >= float(item["started_at"]["N"]):
            raise _ConditionalCheckFailed
        self.items[item["cache_key"]["S"]] = item
