"""Times in the texts of executions: RFC 3339, with `T` and `Z` in capitals.

https://states-language.net/spec.html#timestamps
"""

import datetime
import re
from typing import Any, Final

_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})")
_MICROSECONDS: Final = re.compile(r"(\.\d{6})\d+")


def read(value: Any) -> datetime.datetime | None:
    """Return the time that a value states, or None where it is no timestamp."""
    if not isinstance(value, str) or _FORM.fullmatch(value) is None:
        return None
    try:
        return datetime.datetime.fromisoformat(_MICROSECONDS.sub(r"\1", value))
    except ValueError:
        return None
