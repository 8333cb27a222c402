"""EventBridge Scheduler.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_INPUT_MAXIMUM_BYTES: Final = 262_144
_ARN_PARTS: Final = 6
_INVALID: Final = "ValidationException"


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what Scheduler refuses; its expressions are checked elsewhere."""
    if operation not in ("CreateSchedule", "UpdateSchedule"):
        return
    window = request.get("FlexibleTimeWindow") or {}
    minutes = window.get("MaximumWindowInMinutes")
    if window.get("Mode") == "FLEXIBLE" and minutes is None:
        yield _INVALID, "MaximumWindowInMinutes is required when Mode is FLEXIBLE."
    if window.get("Mode") == "OFF" and minutes is not None:
        yield _INVALID, "MaximumWindowInMinutes cannot be set when Mode is OFF."
    arn = str((request.get("Target") or {}).get("Arn", ""))
    if len(arn.split(":")) < _ARN_PARTS:
        yield _INVALID, "Provided Arn is not in correct format."
    size = len(str((request.get("Target") or {}).get("Input", "")).encode())
    if size > _INPUT_MAXIMUM_BYTES:
        yield (
            _INVALID,
            (f"Input of {size} bytes: a target's input is at most {_INPUT_MAXIMUM_BYTES} bytes"),
        )
