"""JSON as executions hold it: never changed in place, written without spaces, times in UTC."""

import datetime
import json
import re
from typing import Any, Final

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_MAX_BYTES: Final = 256 * 1024
# A bound of this runtime's own: AWS names none, and what Python reads and copies has one.
MAX_LEVELS: Final = 200
_SIGNS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def json_text(value: Any) -> str:
    """Return a value's JSON as histories have it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_json_default)


def _json_default(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return time_text(value)
    raise TypeError(f"{type(value).__name__} is no JSON value: {value!r}")


def time_text(time: datetime.datetime) -> str:
    """Return a time as Step Functions writes it: UTC, three digits, `Z`."""
    utc = time.astimezone(datetime.UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def now() -> datetime.datetime:
    """Return the time, with milliseconds."""
    time = datetime.datetime.now(tz=datetime.UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def milliseconds(time: datetime.datetime) -> int:
    """Return the milliseconds since 1970."""
    return round(time.timestamp() * 1000)


def too_large(text: str) -> bool:
    """Tell whether a JSON text is more than a state may hand on."""
    return len(text) * 4 > _MAX_BYTES and len(text.encode()) > _MAX_BYTES


def nested_too_deeply(text: str) -> bool:
    """Tell whether lists and objects stand in each other more than `MAX_LEVELS` deep."""
    if text.count("[") + text.count("{") <= MAX_LEVELS:
        return False
    level = 0
    for sign in _SIGNS.finditer(text):
        level += {"[": 1, "{": 1, "]": -1, "}": -1}.get(sign[0], 0)
        if level > MAX_LEVELS:
            return True
    return False


def nesting_problem(of: str) -> str:
    """Return the words for what is nested too deeply."""
    return f"{of} is nested more than {MAX_LEVELS} levels deep, which this runtime does not read"


def is_number(value: Any) -> bool:
    """Tell whether a value is a number, which true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(left: Any, right: Any) -> bool:
    """Tell whether two JSON values are equal; true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)
