"""Expressions of EventBridge and its Scheduler: rate(…), cron(…) and at(…).

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_MONTHS: Final = (
    "JAN",
    "FEB",
    "MAR",
    "APR",
    "MAY",
    "JUN",
    "JUL",
    "AUG",
    "SEP",
    "OCT",
    "NOV",
    "DEC",
)
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_RATE: Final = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
_AT: Final = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON: Final = re.compile(r"cron\(([^()]*)\)")


@dataclass(frozen=True)
class _Field:
    """One of cron's six.

    Attributes:
        names: what may stand for numbers, from the smallest on.
        special: further forms of a value.
    """

    name: str
    minimum: int
    maximum: int
    names: Sequence[str] = ()
    special: re.Pattern[str] | None = None


_FIELDS: Final = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of the month", 1, 31, special=re.compile(r"\?|L|LW|([1-9]|[12]\d|3[01])W")),
    _Field("month", 1, 12, _MONTHS),
    _Field(
        "day of the week",
        1,
        7,
        _DAYS,
        re.compile(rf"\?|L|([1-7]|{'|'.join(_DAYS)})(L|#[1-5])"),
    ),
    _Field("year", 1970, 2199),
)
_DAY_OF_MONTH: Final = 2
_DAY_OF_WEEK: Final = 4


def rate_is_one(text: str, *, plural_matters: bool) -> bool:
    """Tell whether a text is a rate.

    Args:
        text: the expression.
        plural_matters: 1 needs the singular and all others the plural, as in EventBridge's rules.
    """
    match = _RATE.fullmatch(text)
    return match is not None and (not plural_matters or (match[1] == "1") == (match[3] == ""))


def at_is_one(text: str) -> bool:
    """Tell whether a text names one time that there is."""
    match = _AT.fullmatch(text)
    if match is None:
        return False
    try:
        datetime.datetime.fromisoformat(match[1])
    except ValueError:
        return False
    return True


def cron_problems(text: str) -> Iterator[str]:
    """Yield what is wrong with a cron expression, field by field."""
    match = _CRON.fullmatch(text)
    values = match[1].split() if match else []
    if len(values) != len(_FIELDS):
        yield "it has six fields: " + ", ".join(field.name for field in _FIELDS)
        return
    for field, value in zip(_FIELDS, values, strict=True):
        if not _fits(value, field):
            yield (
                f"{value!r} is no value of {field.name}, which goes from {field.minimum} to "
                f"{field.maximum}"
            )
    if (values[_DAY_OF_MONTH] == "?") == (values[_DAY_OF_WEEK] == "?"):
        yield "of the day of the month and the day of the week, one is a question mark"


def _fits(value: str, field: _Field) -> bool:
    return all(_item_fits(item, field) for item in value.split(","))


def _item_fits(item: str, field: _Field) -> bool:
    if field.special and field.special.fullmatch(item):
        return True
    start, slash, step = item.partition("/")
    if slash and not (step.isdecimal() and 1 <= int(step) <= field.maximum):
        return False
    if start == "*":
        return True
    first, dash, last = start.partition("-")
    number = _number_of(field)
    return number(first) is not None and (not dash or number(last) is not None)


def _number_of(field: _Field) -> Callable[[str], int | None]:
    def number(text: str) -> int | None:
        if text in field.names:
            return field.minimum + field.names.index(text)
        if text.isascii() and text.isdecimal() and field.minimum <= int(text) <= field.maximum:
            return int(text)
        return None

    return number
