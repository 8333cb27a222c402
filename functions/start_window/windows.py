"""The windows that a schedule looks at: each ends where the next begins."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

# More than a day of windows of half an hour; truth that is later still changes nothing.
MAX_LATE_WINDOWS: Final = 50
_DAY_SECONDS: Final = 86_400
_HOUR: Final = datetime.timedelta(hours=1)
_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"
_STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Window:
    """A part of time, in UTC; its end is the next one's beginning."""

    since: datetime.datetime
    until: datetime.datetime

    @property
    def since_text(self) -> str:
        """The beginning, such as 2026-11-23T08:00:00Z."""
        return self.since.strftime(_FORM)

    @property
    def until_text(self) -> str:
        """The end, such as 2026-11-23T09:00:00Z."""
        return self.until.strftime(_FORM)

    @property
    def name(self) -> str:
        """What its execution is called."""
        return f"window-{self.until.strftime(_STAMP)}"


@dataclass(frozen=True)
class Schedule:
    """One call of the schedule: when it was due, and what it looks at."""

    time: datetime.datetime
    length: datetime.timedelta
    delay: datetime.timedelta

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Schedule":
        """Read an event.

        Raises:
            ValueError: a field is missing or cannot be used.
        """
        time, length = event.get("scheduled_time"), event.get("window_seconds")
        delay = event.get("delay_seconds")
        try:
            parsed = datetime.datetime.strptime(str(time), _FORM).replace(tzinfo=datetime.UTC)
        except ValueError as error:
            raise ValueError(
                f"scheduled_time must be a time such as 2026-11-23T08:05:00Z, got {time!r}"
            ) from error
        if type(length) is not int or not 1 <= length <= _DAY_SECONDS:
            raise ValueError(f"window_seconds must be from 1 to 86400, got {length!r}")
        if type(delay) is not int or not 0 <= delay <= _DAY_SECONDS:
            raise ValueError(f"delay_seconds must be from 0 to 86400, got {delay!r}")
        return cls(
            parsed,
            datetime.timedelta(seconds=length),
            datetime.timedelta(seconds=delay),
        )

    @property
    def window(self) -> Window:
        """The window that has just ended."""
        until = self.time - self.delay
        return Window(until - self.length, until)

    @property
    def stamp(self) -> str:
        """When it was due, as a part of a name."""
        return self.time.strftime(_STAMP)

    def earlier(self) -> Iterator[Window]:
        """Yield the windows before, the newest first."""
        for number in range(1, MAX_LATE_WINDOWS + 1):
            until = self.window.until - number * self.length
            yield Window(until - self.length, until)


def late_windows(schedule: Schedule, hours: set[datetime.datetime]) -> list[Window]:
    """Return the windows before that have a part in some hours, the newest first."""
    return [
        window
        for window in schedule.earlier()
        if any(window.since < hour + _HOUR and hour < window.until for hour in hours)
    ]
