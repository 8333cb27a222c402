"""Where an endpoint's captured data lies, and which of it an execution looks at.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import ServiceError
from pocketaws.sagemaker.objects import split_uri

# A job takes ten inputs, and the baseline's files are two of them.
_MAX_HOURS: Final = 8
# ENDPOINT/VARIANT/yyyy/mm/dd/hh/FILE, below the destination.
_HOUR: Final = re.compile(r"(?P<variant>[^/]+)/(?P<hour>\d{4}/\d{2}/\d{2}/\d{2})/[^/]+")


@dataclass(frozen=True)
class CapturedHour:
    """The data that one variant captured in an hour.

    Attributes:
        hour: yyyy/mm/dd/hh.
    """

    variant_name: str
    hour: str

    @property
    def begin(self) -> datetime:
        """The hour's first moment."""
        return datetime.strptime(f"{self.hour} +0000", "%Y/%m/%d/%H %z").astimezone(UTC)


def destination_uri(endpoint_name: str, sagemaker: Any) -> str:
    """Return the prefix under which an endpoint's captured data is put.

    Args:
        endpoint_name: of the endpoint.
        sagemaker: a client of the emulator.

    Raises:
        ServiceError: there is no such endpoint, or it captures nothing.
    """
    try:
        endpoint = sagemaker.describe_endpoint(EndpointName=endpoint_name)
        config = sagemaker.describe_endpoint_config(
            EndpointConfigName=endpoint["EndpointConfigName"]
        )
    except ClientError as error:
        raise ServiceError("ValidationException", error.response["Error"]["Message"]) from error
    capture: Mapping[str, Any] = config.get("DataCaptureConfig") or {}
    if not capture.get("EnableCapture"):
        raise ServiceError(
            "ValidationException",
            f"Endpoint {endpoint_name!r} captures no data; give its configuration a "
            "DataCaptureConfig with EnableCapture",
        )
    return str(capture["DestinationS3Uri"]).rstrip("/")


def captured_hours(
    uri: str, endpoint_name: str, *, written_since: datetime | None, s3: Any
) -> list[CapturedHour]:
    """Return the hours with captured data, the oldest first.

    Args:
        uri: as `destination_uri` returns it.
        endpoint_name: of the endpoint.
        written_since: leaves out hours of which nothing was written since; a file is written
            after the calls that it holds.
        s3: a client of the emulator.
    """
    bucket_name, key = split_uri(uri)
    prefix = "/".join(filter(None, [key, endpoint_name])) + "/"
    found = set()
    for item in _objects(bucket_name, prefix, s3):
        match = _HOUR.fullmatch(item["Key"].removeprefix(prefix))
        if match and (written_since is None or item["LastModified"] >= written_since):
            found.add(CapturedHour(match["variant"], match["hour"]))
    return sorted(found, key=lambda one: (one.hour, one.variant_name))


def paths(hours: Sequence[CapturedHour]) -> list[str]:
    """Return prefixes below an endpoint's that hold the hours: each its own, or whole variants.

    A job takes few inputs. The container looks at the records' times, so more than is asked for
    does no harm.
    """
    if len(hours) <= _MAX_HOURS:
        return [f"{one.variant_name}/{one.hour}" for one in hours]
    return sorted({one.variant_name for one in hours})


def _objects(bucket_name: str, prefix: str, s3: Any) -> Iterator[Mapping[str, Any]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix)
    try:
        for page in pages:
            yield from page.get("Contents", [])
    except s3.exceptions.NoSuchBucket:
        return
