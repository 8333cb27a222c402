"""How the C library keeps what was freed."""

import ctypes
import sys
from typing import Final

# https://man7.org/linux/man-pages/man3/mallopt.3.html, numbers from glibc's malloc.h.
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 1024**2
_ARENAS: Final = 2


def give_memory_back() -> None:
    """Have large blocks returned when they are freed, and threads share what small ones leave.

    glibc would raise its threshold to 32 MB with the first part of an upload, and keep a heap for
    each of the threads that come and go with requests and executions. Other C libraries are left
    as they are.
    """
    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return
    mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
    mallopt(_M_ARENA_MAX, _ARENAS)
