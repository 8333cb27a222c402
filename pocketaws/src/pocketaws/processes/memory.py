"""How the C library keeps what was freed."""

import ctypes
import sys
from collections.abc import Mapping
from typing import Final

# https://man7.org/linux/man-pages/man3/mallopt.3.html, numbers from glibc's malloc.h.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 1024**2
_ARENAS: Final = 2
_KEPT_BYTES: Final = 16 * 1024**2


def give_memory_back() -> None:
    """Have large blocks returned when they are freed, and threads share what small ones leave.

    glibc would raise its threshold to 32 MB with the first part of an upload, and keep a heap for
    each of the threads that come and go with requests and executions. Other C libraries are left
    as they are.
    """
    _set({_M_MMAP_THRESHOLD: _LARGE_BYTES, _M_ARENA_MAX: _ARENAS})


def keep_memory() -> None:
    """Keep up to 16 MB that were freed, for work that soon needs as much again.

    glibc would return to the system what a large request took, and get it anew for the next one: a
    fault of a page, 2 microseconds, for every 4 kB.
    """
    _set({_M_MMAP_THRESHOLD: _KEPT_BYTES, _M_TRIM_THRESHOLD: _KEPT_BYTES})


def _set(settings: Mapping[int, int]) -> None:
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return
    for parameter, value in settings.items():
        mallopt(parameter, value)
