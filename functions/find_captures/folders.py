"""The folders of the bucket that a window's captured calls and ground truth lie in."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from window import Window

_HOUR: Final = datetime.timedelta(hours=1)
_DAY: Final = datetime.timedelta(days=1)
# A processing job takes ten inputs at most; beyond so many hours it takes days.
_MAX_HOURS: Final = 2


@dataclass(frozen=True)
class Folders:
    """Prefixes of keys."""

    captures: tuple[str, ...]
    truths: tuple[str, ...]


def folders_of(window: Window, *, endpoint_name: str) -> Folders:
    """Return the folders that can hold a call of a window, or what it really was."""
    hours = tuple(_steps(window, _HOUR, "%Y/%m/%d/%H/"))
    parts = hours if len(hours) <= _MAX_HOURS else tuple(_steps(window, _DAY, "%Y/%m/%d/"))
    return Folders(
        captures=tuple(f"capture/{endpoint_name}/AllTraffic/{part}" for part in parts),
        truths=tuple(f"ground-truth/{part}" for part in parts),
    )


def _steps(window: Window, step: datetime.timedelta, form: str) -> Iterator[str]:
    time = window.since.replace(minute=0, second=0)
    if step == _DAY:
        time = time.replace(hour=0)
    while time < window.until:
        yield time.strftime(form)
        time += step
