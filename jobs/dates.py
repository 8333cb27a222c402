"""Columns of dates and times, which become numbers: days since a date, and parts of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from cells import PLAIN_TEXT, Column, ColumnsError, RowError, shown

DAY_SECONDS = 86_400
# What a date can become; a week begins with Monday, which is 0.
PARTS: Mapping[str, Callable[[datetime], int]] = {
    "year": lambda when: when.year,
    "month": lambda when: when.month,
    "day": lambda when: when.day,
    "weekday": lambda when: when.weekday(),
    "yearday": lambda when: when.timetuple().tm_yday,
    "hour": lambda when: when.hour,
    "minute": lambda when: when.minute,
}
DAYS = "days"


@dataclass(frozen=True)
class Date(Column):
    """A date or a time, in UTC where it says an offset.

    Attributes:
        parts: what it becomes: `days` since `since`, a fraction with a time, and any of `PARTS`;
            nothing where it only decides the split.
        since: the date from which days are counted, in ISO's form.
        format: as for `strptime`, such as `%d.%m.%Y`; left out, ISO's forms are read.
    """

    _: KW_ONLY
    parts: tuple[str, ...] = (DAYS, "month", "weekday")
    since: str = "1970-01-01"
    format: str = ""

    def __post_init__(self) -> None:
        """Refuse parts that there are not, and a `since` that is no date.

        Raises:
            ColumnsError: There are some, or it is none.
        """
        wrong = [part for part in self.parts if part != DAYS and part not in PARTS]
        if wrong:
            raise ColumnsError(
                f"columns.py: Date({self.name!r}): parts={self.parts!r}: must be of "
                f"{', '.join((DAYS, *PARTS))}"
            )
        try:
            date.fromisoformat(self.since)
        except ValueError as error:
            raise ColumnsError(
                f"columns.py: Date({self.name!r}): since={self.since!r}: must be a date such as "
                "'2020-01-01'"
            ) from error

    @cached_property
    def origin(self) -> datetime:
        """The time from which days are counted."""
        return datetime.fromisoformat(self.since)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the numbers, such as `sold_month`."""
        return tuple(f"{self.name}_{part}" for part in self.parts)

    @property
    def value_pattern(self) -> str:
        """Match any plain text; what is no date is found where it is read."""
        return PLAIN_TEXT

    def has(self, text: str) -> bool:
        """Tell whether a text is a date."""
        try:
            return bool(self.read(text))
        except RowError:
            return False

    def encode_value(self, text: str) -> str:
        """Return the numbers."""
        when = self.read(text)
        return ",".join(
            self.days(when) if part == DAYS else str(PARTS[part](when)) for part in self.parts
        )

    def days(self, when: datetime) -> str:
        """Return the days since `since`, of a time to a millionth."""
        since = when - self.origin
        if not (since.seconds or since.microseconds):
            return str(since.days)
        return repr(round(since.total_seconds() / DAY_SECONDS, 6))

    def read(self, text: str) -> datetime:
        """Return the time that a text says, without an offset.

        Raises:
            RowError: It says none.
        """
        try:
            if self.format:
                when = datetime.strptime(text, self.format)  # noqa: DTZ007 - the data has no zone
            else:
                when = datetime.fromisoformat(text)
        except ValueError as error:
            wanted = f"the format {self.format}" if self.format else "the form 2026-11-29"
            detail = f"column {self.name!r}, value {shown(text)}, expected is {wanted}"
            raise RowError("not a date", detail) from error
        return when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when
