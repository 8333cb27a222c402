"""Ground truth that came since the last call: which hours' calls it is about.

It lies under `ground-truth/yyyy/mm/dd/hh/` of the hour, in UTC, in which the calls were made.
"""

import datetime
import re
from typing import Any, Final

from windows import Schedule

_PREFIX: Final = "ground-truth/"
_KEY: Final = re.compile(r"ground-truth/(\d{4})/(\d{2})/(\d{2})/(\d{2})/.+")
# Of a thousand objects; who puts an object a label has the newest hours looked at all the same.
_MAX_PAGES: Final = 20


def hours_with_new_truth(
    schedule: Schedule, *, bucket_name: str, s3: Any
) -> set[datetime.datetime]:
    """Return the hours whose truth was put since the schedule's time before this one."""
    *_, oldest = schedule.earlier()
    since = schedule.time - schedule.length
    hours: set[datetime.datetime] = set()
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket_name,
        Prefix=_PREFIX,
        StartAfter=f"{_PREFIX}{oldest.since:%Y/%m/%d/%H}",
    )
    for number, page in enumerate(pages, start=1):
        for item in page.get("Contents", []):
            match = _KEY.fullmatch(item["Key"])
            if match and since < item["LastModified"] <= schedule.time:
                hours |= _hour_of(match)
        if number == _MAX_PAGES:
            break
    return hours


def _hour_of(match: re.Match[str]) -> set[datetime.datetime]:
    try:
        return {datetime.datetime(*map(int, match.groups()), tzinfo=datetime.UTC)}  # type: ignore[arg-type,misc]
    except ValueError:
        return set()
