"""The endpoint's monitor: its newest windows, and the page of each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from workflow.account.monitor_window import Monitor, read_monitor
from workflow.console.watched import Watched
from workflow.errors import WorkflowError

# functions/publish_window keeps what it says of the newest window here.
_LATEST: Final = "reports/latest/summary.json"
_PAGE_NAME: Final = "report.html"
_PREFIX: Final = "reports/"
_SHOWN: Final = 24
_MAXIMUM_BYTES: Final = 8_000_000


@dataclass(frozen=True)
class Windows:
    """What the monitor has looked at.

    Attributes:
        note: of the newest window, in a sentence; empty where there is none yet.
        windows: paths below `reports/`, the newest first.
    """

    note: str
    windows: Sequence[str]


def windows_of(watched: Watched) -> Windows:
    """Return the newest windows.

    Raises:
        WorkflowError: nothing watches the endpoint.
    """
    bucket_name = _monitor(watched).bucket_name
    s3 = watched.clients("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=_PREFIX)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    ends = f"/{_PAGE_NAME}"
    found = [key.removeprefix(_PREFIX).removesuffix(ends) for key in keys if key.endswith(ends)]
    note = ""
    if _LATEST in keys:
        note = str(json.loads(_read(s3, bucket_name, _LATEST))["note"])
    return Windows(note, sorted(found, reverse=True)[:_SHOWN])


def page_of_window(watched: Watched, window: str) -> bytes:
    """Return the monitor's own page of a window.

    Raises:
        WorkflowError: there is none.
    """
    key = f"{_PREFIX}{window}/{_PAGE_NAME}"
    s3 = watched.clients("s3")
    try:
        return _read(s3, _monitor(watched).bucket_name, key)
    except s3.exceptions.NoSuchKey as error:
        raise WorkflowError(f"the monitor has no window {window}") from error


def _monitor(watched: Watched) -> Monitor:
    return read_monitor(watched.endpoint_name, watched.clients)


def _read(s3: Any, bucket_name: str, key: str) -> bytes:
    body = s3.get_object(Bucket=bucket_name, Key=key)["Body"]
    return bytes(body.read(_MAXIMUM_BYTES))
