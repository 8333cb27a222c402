"""JSON lines, of which each is an object with the columns' names, as comma-separated lines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from conversion import joined
from kinds import Column
from rows import places_of

MAX_KEYS = 10_000  # Those that are kept, so that memory does not grow.


class Places(dict[str, "int | None"]):
    """Which of the columns a key names, by key."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = columns

    def __missing__(self, key: str) -> int | None:
        """Look for a key."""
        found = (at for at, column in enumerate(self.columns) if places_of(column, [key]))
        place = next(found, None)
        if len(self) < MAX_KEYS:
            self[key] = place
        return place


def json_rows(text: bytes, places: Places) -> bytes:
    """Return the fields of an object on each line as CSV; a line that is none is left as it is."""
    return b"\n".join(json_row(line, places) for line in text.split(b"\n"))


def json_row(line: bytes, places: Places) -> bytes:
    """Do so for one line."""
    texts = [""] * len(places.columns)
    try:
        for key, value in json.loads(line, parse_float=str, parse_int=str).items():
            place = places[key]
            if place is not None and value is not None:
                texts[place] = str(value).lower() if isinstance(value, bool) else str(value)
    except (ValueError, AttributeError, RecursionError):
        return line
    return joined(texts)
