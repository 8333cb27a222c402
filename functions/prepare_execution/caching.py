"""The field that says whether a job may be answered with what an earlier one made."""

import re
from collections.abc import Mapping
from typing import Any, Final

from fields import FieldError

_EXPIRES_AFTER: Final = "expires_after"
# ISO 8601 without years and months, which are of no fixed length.
_DURATION: Final = re.compile(
    r"P(?:(?P<weeks>\d{1,3})W|(?:(?P<days>\d{1,4})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?)",
    re.ASCII,
)
_SECONDS: Final = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}

Cache = bool | Mapping[str, str]


def cache(value: Any) -> Cache:
    """Check for true, false, or an object that says which outputs are too old."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, dict) or list(value) != [_EXPIRES_AFTER]:
        raise FieldError('must be true, false, or an object such as {"expires_after": "P7D"}')
    if _seconds(value[_EXPIRES_AFTER]) is None:
        raise FieldError(
            "expires_after must be a duration of ISO 8601 in weeks, or in days, hours, minutes and "
            'seconds, such as "P7D" or "PT12H"'
        )
    return dict(value)


def cache_of_stack(text: str) -> Any:
    """Return what a stack's parameter says: true, false or a duration, for `cache` to check."""
    return {"true": True, "false": False}.get(text, {_EXPIRES_AFTER: text})


def expires_after_seconds(value: Cache) -> int | None:
    """Return the age from which on outputs are too old; None where none is."""
    return _seconds(value[_EXPIRES_AFTER]) if isinstance(value, Mapping) else None


def _seconds(text: Any) -> int | None:
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None or not any(match.groups()):
        return None
    return sum(int(match[unit] or 0) * seconds for unit, seconds in _SECONDS.items())
