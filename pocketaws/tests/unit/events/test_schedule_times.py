"""When schedules are due."""

import datetime
import zoneinfo
from typing import Any

import pytest

from pocketaws.events.schedule_times import is_due

UTC = datetime.UTC
# A Monday.
NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def schedule(expression: str, **more: Any) -> dict[str, Any]:
    made = {"ScheduleExpression": expression, "State": "ENABLED", "CreationDate": NOON}
    return {**made, **more}


def due_in(expression: str, day: datetime.date, *, days: int = 1, **more: Any) -> list[str]:
    """Return the times at which an expression is due from a day on, in UTC."""
    begin = datetime.datetime.combine(day, datetime.time(), tzinfo=UTC)
    made = schedule(expression, **more)
    minutes = (begin + datetime.timedelta(minutes=number) for number in range(1440 * days))
    return [f"{time:%d %H:%M}" for time in minutes if is_due(made, time)]


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("cron(5 0 * * ? *)", ["23 00:05"]),
        ("cron(0/20 8-9 ? * MON-FRI *)", [f"23 0{h}:{m:02}" for h in (8, 9) for m in (0, 20, 40)]),
        ("cron(0,30 3 ? * 2 *)", ["23 03:00", "23 03:30"]),
        ("cron(0 3 ? * TUE *)", []),
        ("cron(0 22-1 ? * * *)", ["23 00:00", "23 01:00", "23 22:00", "23 23:00"]),
        ("cron(0 3 23 NOV ? 2026)", ["23 03:00"]),
        ("cron(0 3 23 NOV ? 2027)", []),
        ("cron(0 3 */11 * ? *)", ["23 03:00"]),
        ("cron(0 3 ? * MON#4 *)", ["23 03:00"]),
        ("cron(0 3 ? * MON#3 *)", []),
        ("cron(0 3 ? * MONL *)", []),
        ("at(2026-11-23T03:00:00)", ["23 03:00"]),
    ],
)
def test_an_expression_is_due_at_its_times(expression: str, times: list[str]) -> None:
    assert due_in(expression, NOON.date()) == times


@pytest.mark.parametrize(
    ("expression", "month", "day"),
    [
        ("cron(0 3 L * ? *)", 11, "30"),
        ("cron(0 3 L * ? *)", 2, "28"),
        # The last day of February 2026 is a Saturday, the first of November a Sunday.
        ("cron(0 3 LW * ? *)", 2, "27"),
        ("cron(0 3 1W * ? *)", 11, "02"),
        ("cron(0 3 15W * ? *)", 8, "14"),
        ("cron(0 3 ? * MONL *)", 11, "30"),
        ("cron(0 3 ? * L *)", 2, "07 14 21 28"),
    ],
)
def test_days_from_the_end_of_a_month(expression: str, month: int, day: str) -> None:
    found = due_in(expression, datetime.date(2026, month, 1), days=28 if month == 2 else 30)

    assert found == [f"{one} 03:00" for one in day.split()]


def test_a_rate_counts_from_the_schedules_creation() -> None:
    found = due_in("rate(5 hours)", NOON.date())

    assert found == ["23 17:00", "23 22:00"]


def test_a_day_begins_in_the_schedules_time_zone() -> None:
    found = due_in("cron(5 0 * * ? *)", NOON.date(), ScheduleExpressionTimezone="Europe/Berlin")

    assert found == ["23 23:05"]


def test_an_hour_that_a_time_zone_skips_is_not_due() -> None:
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    day = datetime.date(2026, 3, 29)

    found = due_in("cron(30 2 * * ? *)", day, ScheduleExpressionTimezone=zone.key)

    assert found == []


@pytest.mark.parametrize(
    "changes",
    [
        {"State": "DISABLED"},
        {"StartDate": NOON + datetime.timedelta(days=9)},
        {"EndDate": NOON - datetime.timedelta(days=9)},
    ],
)
def test_what_is_off_or_not_yet_or_no_more_is_never_due(changes: dict[str, Any]) -> None:
    assert due_in("cron(5 0 * * ? *)", NOON.date(), **changes) == []
