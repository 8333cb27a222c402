"""Times as the record has them: texts in UTC, to the millisecond."""

import datetime
from typing import Any


def iso(time: datetime.datetime) -> str:
    """Return a time as ISO 8601 in UTC."""
    return time.astimezone(datetime.UTC).isoformat(timespec="milliseconds")


def time_of_output(value: Any) -> datetime.datetime | None:
    """Return a time that a task's output gives: milliseconds since 1970, or ISO 8601."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.datetime.fromtimestamp(value / 1000, datetime.UTC)
    try:
        time = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)


def seconds_between(start: datetime.datetime, end: datetime.datetime) -> float:
    """Return seconds, to the millisecond."""
    return round((end - start).total_seconds(), 3)
