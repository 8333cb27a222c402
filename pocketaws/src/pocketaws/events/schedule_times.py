"""When the expressions of EventBridge Scheduler are due, by the minute, or once for at(…).

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import calendar
import datetime
import re
import zoneinfo
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86_400}


class _Range(NamedTuple):
    """The values of a field, and what may stand for them, from the smallest on."""

    low: int
    high: int
    names: tuple[str, ...] = ()


_MINUTES: Final = _Range(0, 59)
_HOURS: Final = _Range(0, 23)
_DAYS: Final = _Range(1, 31)
_MONTHS: Final = _Range(
    1,
    12,
    ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)
_WEEKDAYS: Final = _Range(1, 7, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))
_YEARS: Final = _Range(1970, 2199)
_EXPRESSION: Final = re.compile(r"(rate|cron|at)\((.*)\)")


def is_due(schedule: Mapping[str, Any], time: datetime.datetime) -> bool:
    """Tell whether a schedule is due in a minute.

    Args:
        schedule: as GetSchedule answers.
        time: whole minutes, with its zone.
    """
    match = _EXPRESSION.fullmatch(schedule["ScheduleExpression"])
    if match is None or schedule["State"] != "ENABLED" or not _is_within(schedule, time):
        return False
    kind, text = match.groups()
    if kind == "rate":
        return _rate_is_due(text, since=_utc(schedule["CreationDate"]), time=time)
    zone = zoneinfo.ZoneInfo(schedule.get("ScheduleExpressionTimezone") or "UTC")
    local = time.astimezone(zone)
    if kind == "at":
        return datetime.datetime.fromisoformat(text).replace(second=0) == local.replace(tzinfo=None)
    return cron_is_due(text, local)


def _is_within(schedule: Mapping[str, Any], time: datetime.datetime) -> bool:
    start, end = schedule.get("StartDate"), schedule.get("EndDate")
    return (start is None or _utc(start) <= time) and (end is None or time <= _utc(end))


def _utc(time: datetime.datetime) -> datetime.datetime:
    return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)


def _rate_is_due(text: str, *, since: datetime.datetime, time: datetime.datetime) -> bool:
    number, unit = text.split()
    minutes = int(number) * _UNITS[unit.removesuffix("s")] // 60
    passed = int((time - since.replace(second=0, microsecond=0)).total_seconds() // 60)
    return passed > 0 and passed % minutes == 0


def cron_is_due(text: str, local: datetime.datetime) -> bool:
    """Tell whether cron's six fields name a minute.

    Args:
        text: of an expression that the service takes.
        local: in the schedule's time zone.
    """
    minutes, hours, days, months, weekdays, years = text.split()
    return (
        _has(minutes, local.minute, _MINUTES)
        and _has(hours, local.hour, _HOURS)
        and _has(months, local.month, _MONTHS)
        and _has(years, local.year, _YEARS)
        and (days == "?" or any(_is_day(item, local) for item in days.split(",")))
        and (weekdays == "?" or any(_is_weekday(item, local) for item in weekdays.split(",")))
    )


def _has(field: str, value: int, values: _Range) -> bool:
    return any(_item_has(item, value, values) for item in field.split(","))


def _item_has(item: str, value: int, values: _Range) -> bool:
    start, slash, step = item.partition("/")
    first, dash, last = start.partition("-")
    begin = values.low if start == "*" else _number(first, values)
    to_the_end = start == "*" or (slash and not dash)
    end = values.high if to_the_end else _number(last or first, values)
    within = begin <= value <= end if begin <= end else value >= begin or value <= end
    return within and (value - begin) % int(step or 1) == 0


def _number(text: str, values: _Range) -> int:
    return values.low + values.names.index(text) if text in values.names else int(text)


def _is_day(item: str, local: datetime.datetime) -> bool:
    last = calendar.monthrange(local.year, local.month)[1]
    if item == "L":
        return local.day == last
    if item.endswith("W"):
        wanted = last if item == "LW" else min(int(item[:-1]), last)
        return local.day == _nearest_weekday(local.replace(day=wanted), last)
    return _item_has(item, local.day, _DAYS)


def _nearest_weekday(wanted: datetime.datetime, last: int) -> int:
    """Return the day of the month, from Monday to Friday, that is nearest within the month."""
    saturday, sunday = 5, 6
    if wanted.weekday() == saturday:
        return wanted.day - 1 if wanted.day > 1 else wanted.day + 2
    if wanted.weekday() == sunday:
        return wanted.day + 1 if wanted.day < last else wanted.day - 2
    return wanted.day


def _is_weekday(item: str, local: datetime.datetime) -> bool:
    # 1 is Sunday.
    value = local.isoweekday() % 7 + 1
    name, sharp, number = item.partition("#")
    if sharp:
        return value == _number(name, _WEEKDAYS) and (local.day - 1) // 7 + 1 == int(number)
    if item == "L":
        return value == _WEEKDAYS.high
    if item.endswith("L"):
        last = calendar.monthrange(local.year, local.month)[1]
        return value == _number(item[:-1], _WEEKDAYS) and local.day > last - 7
    return _item_has(item, value, _WEEKDAYS)
