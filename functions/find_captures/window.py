"""The window that an execution looks at."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"
# Days have folders of their own, and a job takes few of them.
_MAX_LENGTH: Final = datetime.timedelta(days=1)
_REASON: Final = re.compile(r"[a-z ]{1,40}")


@dataclass(frozen=True)
class Window:
    """A part of time, in UTC, and why it is looked at."""

    since: datetime.datetime
    until: datetime.datetime
    reason: str

    @property
    def texts(self) -> dict[str, str]:
        """Both times as captures write them."""
        return {"from": self.since.strftime(_FORM), "until": self.until.strftime(_FORM)}

    @property
    def report_prefix(self) -> str:
        """Where its report goes; names of that form sort by time."""
        return f"reports/{self.until:%Y/%m/%d/%H-%M-%S}/"

    @property
    def stamp(self) -> str:
        """Its end as a part of a name."""
        return f"{self.until:%Y%m%d-%H%M%S}"


def window_of(event: Mapping[str, Any]) -> Window:
    """Read an event.

    Raises:
        ValueError: a field is missing or cannot be used.
    """
    since, until = _time(event, "from"), _time(event, "until")
    if not since < until <= since + _MAX_LENGTH:
        raise ValueError(
            f"until must be after from, by a day at most; got {event['from']} and {event['until']}"
        )
    reason = event.get("reason", "by hand")
    if not isinstance(reason, str) or not _REASON.fullmatch(reason):
        raise ValueError(f"reason must be a few words, got {reason!r}")
    return Window(since, until, reason)


def _time(event: Mapping[str, Any], field: str) -> datetime.datetime:
    text = event.get(field)
    try:
        return datetime.datetime.strptime(str(text), _FORM).replace(tzinfo=datetime.UTC)
    except ValueError as error:
        raise ValueError(
            f"{field} must be a time such as 2026-11-23T08:00:00Z, got {text!r}"
        ) from error
