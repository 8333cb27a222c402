"""The windows so far, in short: history.json, which goes from each window to the next.

[{"from": ..., "until": ..., "state": "compared", "rows": 900, "drifted": ["length"],
"effects": {"length": 0.3, ...}, "rmse": 2.1 or null}, ...], the newest last, at most 60
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MAX_WINDOWS = 60

Window = dict[str, Any]


def read_history(path: Path | None) -> list[Window]:
    """Return the windows of a file; none where there is no such file or it cannot be read.

    A history is for the eye: without one the comparison is the same.
    """
    if path is None:
        return []
    try:
        windows = json.loads(path.read_bytes())
        return [window for window in windows if {*window} >= {"until", "effects", "state", "rows"}]
    except (OSError, ValueError, TypeError, RecursionError):
        return []


def add_window(windows: Sequence[Window], report: Mapping[str, Any]) -> list[Window]:
    """Return the windows with that of a report, in place of an earlier result of the same."""
    window, found = report["window"], report["quality"]
    added = {
        "from": window["from"],
        "until": window["until"],
        "state": report["state"],
        "rows": report["traffic"]["rows"],
        "drifted": report["drifted"],
        "effects": {
            column["name"]: round(column["effect"], 4)
            for column in report["columns"]
            if column["rows"]
        },
        "rmse": found["metrics"].get("rmse") if found else None,
    }
    others = [one for one in windows if one["until"] != added["until"]]
    return sorted([*others, added], key=lambda one: str(one["until"]))[-MAX_WINDOWS:]
