"""The records that an endpoint with data capture writes, a line of JSON a call.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

# What the endpoint's CaptureContentTypeHeader names in this project; anything else is captured as
# BASE64, as by default. API reference, CaptureContentTypeHeader.
CSV_CONTENT_TYPES: Final = ("text/csv",)
JSON_CONTENT_TYPES: Final = ("application/json",)


@dataclass(frozen=True)
class Payload:
    """The body of a request or an answer.

    Attributes:
        body: as it travelled.
        content_type: its header, parameters included.
    """

    body: bytes
    content_type: str


@dataclass(frozen=True)
class ContentTypes:
    """The endpoint configuration's CaptureContentTypeHeader."""

    csv: tuple[str, ...] = CSV_CONTENT_TYPES
    json: tuple[str, ...] = JSON_CONTENT_TYPES


@dataclass(frozen=True)
class Event:
    """A call of the endpoint.

    Attributes:
        event_id: a UUID; also the answer's x-amzn-RequestId.
        time: of the answer, in UTC.
        inference_id: what the caller gave, if anything; ground truth is matched by it.
    """

    event_id: str
    time: datetime
    inference_id: str | None = None


def capture_line(
    request: Payload,
    answer: Payload,
    event: Event,
    content_types: ContentTypes = ContentTypes(),
) -> str:
    """Return the record of a call, with a line end."""
    metadata = {"eventId": event.event_id, "inferenceTime": f"{event.time:%Y-%m-%dT%H:%M:%SZ}"}
    if event.inference_id is not None:
        metadata["inferenceId"] = event.inference_id
    record = {
        "captureData": {
            "endpointInput": _part(request, "INPUT", content_types),
            "endpointOutput": _part(answer, "OUTPUT", content_types),
        },
        "eventMetadata": metadata,
        "eventVersion": "0",
    }
    return json.dumps(record, separators=(",", ":")) + "\n"


def capture_key(endpoint_name: str, variant_name: str, event: Event) -> str:
    """Return the key, below DestinationS3Uri, of a file that begins with an event.

    Such as `NAME/VARIANT/2026/11/23/08/45-10-123-UUID.jsonl`.
    """
    milliseconds = event.time.microsecond // 1000
    return (
        f"{endpoint_name}/{variant_name}/{event.time:%Y/%m/%d/%H}/"
        f"{event.time:%M-%S}-{milliseconds:03}-{event.event_id}.jsonl"
    )


def _part(payload: Payload, mode: str, content_types: ContentTypes) -> dict[str, Any]:
    encoding = _encoding(payload.content_type, content_types)
    data = (
        base64.b64encode(payload.body).decode()
        if encoding == "BASE64"
        else payload.body.decode(errors="replace")
    )
    return {
        "observedContentType": payload.content_type,
        "mode": mode,
        "data": data,
        "encoding": encoding,
    }


def _encoding(content_type: str, content_types: ContentTypes) -> str:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in content_types.csv:
        return "CSV"
    return "JSON" if media_type in content_types.json else "BASE64"
