"""What becomes of a command whose standard output cannot be written."""

import errno
import os
import sys
from collections.abc import Callable
from typing import Final

from pocketaws.shortages import shortage

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def shown(work: Callable[[], int], *, told: tuple[type[Exception], ...] = ()) -> int:
    """Do a command's work and flush what it has shown; return its exit code.

    Where standard output is closed, nothing is done; where it takes no more, or the machine lacks
    room, memory or open files, a sentence on standard error says so, and the exit code is 1.

    Args:
        work: of the command.
        told: errors that say themselves what was wrong, whatever they come from; they are raised.
    """
    # Of a process that was started without one.
    if sys.stdout is None:
        return _refused("standard output is closed; give it a file, or a terminal")
    try:
        exit_code = work()
        sys.stdout.flush()
    except told:
        raise
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`).
        _show_no_more()
        return 1
    except OSError as error:
        if error.errno not in _FULL:
            return _refused_for_a_shortage(error)
        where = error.filename or ("standard output" if _is_full() else "a file")
        _show_no_more()
        return _refused(f"{where} cannot be written: {error.strerror}; make room and run it again")
    except Exception as error:
        return _refused_for_a_shortage(error)
    return exit_code


def _refused_for_a_shortage(error: Exception) -> int:
    """Say what the machine lacks, or raise what has another reason."""
    words = shortage(error)
    if words is None:
        raise error
    return _refused(words)


def _refused(text: str) -> int:
    if sys.stderr is not None:
        print(f"error: {text}", file=sys.stderr)
    return 1


def _is_full() -> bool:
    # What could not be flushed before may be thrown away by then.
    try:
        os.write(sys.stdout.fileno(), b"\n")
    except OSError:
        return True
    return False


def _show_no_more() -> None:
    """Let what is left of the output go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
