"""Ends a command in order: on Ctrl-C, on SIGTERM, and where its terminal is closed."""

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable
from typing import Final, NoReturn

_ASKED: Final = (signal.SIGTERM, signal.SIGHUP)
_SIGNALLED: Final = 128
# Most of what a command makes at first are modules, which stay: a collection for each 700 objects,
# as Python has it, was a twentieth of a run.
_OBJECTS: Final = 20_000


class _Ended(SystemExit):
    """Stops what was started on the way out; its code is what a shell says of the signal."""


def in_order(work: Callable[[], int]) -> int:
    """Do a command's work and return its exit code, or that of the signal that ended it.

    What the command was started to ignore, as `nohup` does with SIGHUP, it ignores. Unreachable
    objects are looked for more seldom than Python does by itself.
    """
    gc.set_threshold(_OBJECTS)
    for number in _ASKED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _on_ask)
    try:
        return work()
    except KeyboardInterrupt:
        return _told("interrupted", _SIGNALLED + signal.SIGINT)
    except _Ended as ended:
        code = int(str(ended.code))
        return _told(f"ended by {signal.Signals(code - _SIGNALLED).name}", code)


def leave(exit_code: int) -> NoReturn:
    """Write what is left of the output and leave at once.

    Everything has been stopped by then; letting the interpreter take the emulator's thousands of
    modules apart as well costs a second.
    """
    for stream in (sys.stdout, sys.stderr):
        # None where it was closed from the start.
        if stream is not None:
            # A terminal that is gone takes nothing.
            with contextlib.suppress(OSError):
                stream.flush()
    os._exit(exit_code)


def _on_ask(number: int, _frame: object) -> NoReturn:
    # Whoever closes a terminal sends more than one; what was started is stopped once.
    for other in _ASKED:
        signal.signal(other, signal.SIG_IGN)
    raise _Ended(_SIGNALLED + number)


def _told(what: str, code: int) -> int:
    with contextlib.suppress(OSError):
        print(f"{what}; what was started has been stopped", file=sys.stderr, flush=True)
    return code
