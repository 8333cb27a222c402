"""The answer to CloudFormation's request, no longer than CloudFormation takes.

`functions/smoke_test` and `functions/publish_jobs` have the same file; a test compares them.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

import json
from collections.abc import Mapping
from typing import Any, Final

# In UTF-8, all fields together.
MAXIMUM_BYTES: Final = 4096
_CUT: Final = "..."


def body_of(
    event: Mapping[str, Any],
    *,
    status: str,
    reason: str,
    physical_resource_id: str,
    data: Mapping[str, str] | None = None,
) -> bytes:
    """Return the body to put at the request's URL; a reason that is too long loses its end."""
    fields: dict[str, Any] = {
        "Status": status,
        "Reason": "",
        "PhysicalResourceId": physical_resource_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    if data is not None:
        fields["Data"] = data
    room = MAXIMUM_BYTES - len(_encoded(fields))
    # What UTF-8 cannot hold, half of a surrogate pair, becomes a question mark.
    text = reason.encode("utf-8", "replace").decode()
    return _encoded({**fields, "Reason": _cut(text, room)})


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _cut(text: str, room: int) -> str:
    """Return as much of a text as JSON holds in so many bytes, and where it was cut."""
    # Without the quotes, which the room does not count.
    sizes = [len(_encoded(char)) - 2 for char in text]
    if sum(sizes) <= room:
        return text
    end, left = 0, room - len(_CUT)
    while sizes[end] <= left:
        left -= sizes[end]
        end += 1
    return text[:end] + _CUT
