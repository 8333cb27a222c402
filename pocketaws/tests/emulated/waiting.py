"""Waiting for what comes about by itself, in another thread or process."""

import time
from collections.abc import Callable
from typing import Any, Final

# A bound for machines that do other things, too.
_SECONDS: Final = 180
_FIRST_LOOKS_SECONDS: Final = 0.02
_LATER_LOOKS_SECONDS: Final = 0.25
# A look is a request, often, which takes time from what it waits for.
_SHARE: Final = 0.05


def eventually(look: Callable[[], Any], *, seconds: float = _SECONDS) -> Any:
    """Return what is seen as soon as it is anything; fail where that takes too long."""
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < seconds:
        seen = look()
        if seen:
            return seen
        time.sleep(min(max(_FIRST_LOOKS_SECONDS, waited * _SHARE), _LATER_LOOKS_SECONDS))
    raise AssertionError(f"not seen within {seconds} s")
