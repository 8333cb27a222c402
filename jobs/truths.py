"""Ground truth: what the rows of a call really were, as JSON lines.

    {"groundTruthData": {"data": "9", "encoding": "CSV"},
     "eventMetadata": {"eventId": "the call's inference id, or its event id if it gave none"},
     "eventVersion": "0"}

A call with several rows has as many labels, divided by commas or line ends. The format is that of
SageMaker's own monitoring, so that what writes it can stay.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path


def read_truths(paths: Iterable[Path]) -> tuple[dict[str, list[float]], int]:
    """Return the labels by id, the last of an id's, and how many lines cannot be read.

    They are held in memory: a window has as many as somebody has looked up.
    """
    truths: dict[str, list[float]] = {}
    unreadable = 0
    for path in paths:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if not line.strip():
                    continue
                try:
                    record = json.loads(line)
                    data = record["groundTruthData"]["data"]
                    labels = [float(text) for text in str(data).replace(",", "\n").split()]
                    key = record["eventMetadata"]["eventId"]
                except (ValueError, KeyError, TypeError, RecursionError):
                    unreadable += 1
                    continue
                if not labels or not all(map(math.isfinite, labels)):
                    unreadable += 1
                    continue
                truths[str(key)] = labels
    return truths, unreadable
