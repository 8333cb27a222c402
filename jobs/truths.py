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
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path


def read_truths(
    paths: Iterable[Path], classes: Sequence[str] = ()
) -> tuple[dict[str, list[float]], int]:
    """Return the labels by id, the last of an id's, and how many lines cannot be read.

    The label of a classification is the name of its class, in either case, and becomes its place.
    They are held in memory: a window has as many as somebody has looked up.
    """
    truths: dict[str, list[float]] = {}
    places = {name.upper(): float(place) for place, name in enumerate(classes)}
    unreadable = 0
    for path in paths:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if not line.strip():
                    continue
                try:
                    record = json.loads(line)
                    data = record["groundTruthData"]["data"]
                    labels = labels_of(str(data), places)
                    key = record["eventMetadata"]["eventId"]
                except (ValueError, KeyError, TypeError, RecursionError):
                    unreadable += 1
                    continue
                if not labels or not all(map(math.isfinite, labels)):
                    unreadable += 1
                    continue
                truths[str(key)] = labels
    return truths, unreadable


def labels_of(data: str, places: Mapping[str, float]) -> list[float]:
    """Return the labels of a call: numbers, or of a classification the places of the classes.

    Raises:
        ValueError: One is neither a number nor a class.
    """
    lines = data.replace(",", "\n")
    if not places:
        return [float(text) for text in lines.split()]
    texts = [text.strip().upper() for text in lines.splitlines() if text.strip()]
    return [places[text] if text in places else place_of_number(text, places) for text in texts]


def place_of_number(text: str, places: Mapping[str, float]) -> float:
    """Return the place of a class that is a number, in any spelling of it.

    Raises:
        ValueError: It is no number, or no class.
    """
    place = places.get(f"{float(text):g}")
    if place is None:
        raise ValueError(f"{text} is no class")
    return place
