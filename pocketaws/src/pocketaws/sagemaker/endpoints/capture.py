"""Data capture of endpoints: lines are kept in memory and written to S3 every second or so.

A capture that fails never fails an invocation, as on AWS; it is logged.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html
"""

import itertools
import json
import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.sagemaker import objects
from pocketaws.sagemaker.endpoints.data_capture import (
    ContentTypes,
    Event,
    Payload,
    capture_key,
    capture_line,
)

_PARTS: Final = {"Input": "endpointInput", "Output": "endpointOutput"}
_BOTH: Final = "InputAndOutput"
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class CaptureSettings:
    """What a DataCaptureConfig asks for.

    Attributes:
        percentage: of the calls.
        modes: what is left out is not written.
    """

    destination_uri: str
    percentage: int
    modes: frozenset[str]
    content_types: ContentTypes

    @classmethod
    def of(cls, config: Mapping[str, Any] | None) -> "CaptureSettings | None":
        """Return the settings, or None where nothing is captured."""
        if not config or not config.get("EnableCapture"):
            return None
        modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
        header = config.get("CaptureContentTypeHeader") or {}
        return cls(
            destination_uri=config["DestinationS3Uri"],
            percentage=int(config["InitialSamplingPercentage"]),
            modes=frozenset(_PARTS if _BOTH in modes else modes),
            content_types=ContentTypes(
                tuple(header.get("CsvContentTypes", ())), tuple(header.get("JsonContentTypes", ()))
            ),
        )


@dataclass(frozen=True)
class _Captured:
    """A line, and where the file goes that begins with it."""

    bucket_name: str
    prefix: str
    endpoint_name: str
    variant_name: str
    role_arn: str
    event: Event
    line: str

    @property
    def file(self) -> tuple[str, ...]:
        """What the lines of one file have in common: the hour is a part of its key."""
        hour = f"{self.event.time:%Y%m%d%H}"
        return (
            self.bucket_name,
            self.prefix,
            self.endpoint_name,
            self.variant_name,
            self.role_arn,
            hour,
        )

    @property
    def key(self) -> str:
        """The file's key."""
        key = capture_key(self.endpoint_name, self.variant_name, self.event)
        return f"{self.prefix.rstrip('/')}/{key}".lstrip("/")


class Captures:
    """The lines that wait to be written.

    Args:
        s3_of: returns S3's client with the identity of a role, by its ARN: the model's writes.
    """

    def __init__(self, s3_of: Callable[[str], Any]) -> None:
        self._s3_of = s3_of
        self._waiting: list[_Captured] = []
        self._lock = threading.Lock()

    def add(
        self,
        settings: CaptureSettings,
        request: Payload,
        answer: Payload,
        event: Event,
        *,
        endpoint_name: str,
        variant_name: str,
        role_arn: str,
    ) -> None:
        """Keep the line of a call, if the sampling wants it."""
        if random.random() * 100 >= settings.percentage:  # noqa: S311 - a sample, not a secret
            return
        line = _chosen(capture_line(request, answer, event, settings.content_types), settings.modes)
        bucket_name, prefix = objects.split_uri(settings.destination_uri)
        captured = _Captured(
            bucket_name, prefix, endpoint_name, variant_name, role_arn, event, line
        )
        with self._lock:
            self._waiting.append(captured)

    def flush(self) -> None:
        """Write what waits; what cannot be written is logged and forgotten, as on AWS."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        waiting.sort(key=lambda captured: (captured.file, captured.event.time))
        for _, group in itertools.groupby(waiting, key=lambda captured: captured.file):
            lines = list(group)
            self._write(lines[0], "".join(captured.line for captured in lines))

    def _write(self, first: _Captured, content: str) -> None:
        try:
            s3 = self._s3_of(first.role_arn)
            s3.put_object(Bucket=first.bucket_name, Key=first.key, Body=content.encode())
        except Exception as error:  # captured data is no reason for anything to fail
            _LOG.warning(
                "captured data of endpoint %s was not written to s3://%s/%s: %s",
                first.endpoint_name,
                first.bucket_name,
                first.key,
                error,
            )


def _chosen(line: str, modes: frozenset[str]) -> str:
    if len(modes) == len(_PARTS):
        return line
    record = json.loads(line)
    for mode, part in _PARTS.items():
        if mode not in modes:
            del record["captureData"][part]
    return json.dumps(record, separators=(",", ":")) + "\n"
