"""Waiting for what comes about by itself, in another thread or process."""

import time
from collections.abc import Callable
from typing import Any, Final

# A bound for machines that do other things, too.
_SECONDS: Final = 180
_LOOK_SECONDS: Final = 0.02


def eventually(look: Callable[[], Any], *, seconds: float = _SECONDS) -> Any:
    """Return what is seen as soon as it is anything; fail where that takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen = look()
        if seen:
            return seen
        time.sleep(_LOOK_SECONDS)
    raise AssertionError(f"not seen within {seconds} s")
