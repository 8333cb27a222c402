"""Keep a job or a handler inside its own folders.

A guard against accidents, not against malice: an audit hook sees what Python opens, creates,
lists or removes, and refuses what AWS would not have there either. Native libraries that open
files by themselves are not seen.
https://docs.python.org/3/library/audit_events.html
"""

import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_WRITE_EVENTS = {
    "os.mkdir": 1,
    "os.remove": 1,
    "os.rmdir": 1,
    "os.truncate": 1,
    "os.rename": 2,
    "os.link": 2,
    "os.symlink": 2,
    "shutil.rmtree": 1,
    "shutil.move": 2,
}
_READ_EVENTS = frozenset({"os.listdir", "os.scandir", "os.chdir"})
# What every process may read: the system's libraries, time zones, certificates and devices.
_SYSTEM_DIRS = ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/System", "/Library")
_DEVICES = ("/dev/null", "/dev/urandom", "/dev/random", "/dev/shm")  # noqa: S108


def confine(folders: Iterable[Path], *, subject: str) -> None:
    """Refuse, from now on and for good, what this process does outside `folders`.

    Args:
        folders: may be read and written.
        subject: names the job or function in the error, a PermissionError.
    """
    inside = tuple(os.path.realpath(folder) for folder in folders)
    readable = (*inside, *_python_dirs(), *_SYSTEM_DIRS, *_DEVICES)
    writable = (*inside, *_DEVICES)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            allowed = writable if (flags or 0) & _WRITE_FLAGS else readable
            _check(path, allowed, subject)
        elif event in _WRITE_EVENTS:
            for path in arguments[: _WRITE_EVENTS[event]]:
                _check(path, writable, subject)
        elif event in _READ_EVENTS:
            _check(arguments[0], readable, subject)

    sys.addaudithook(audit)


def _python_dirs() -> set[str]:
    found = {*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, sys.exec_prefix}
    return found | {os.path.realpath(path) for path in found}


def _check(path: Any, allowed: tuple[str, ...], subject: str) -> None:
    if path is None or isinstance(path, int):
        return
    real = os.path.realpath(os.fsdecode(path))
    if any(real == folder or real.startswith(folder + os.sep) for folder in allowed):
        return
    raise PermissionError(
        f"{subject} reached for {real}, which is outside its own folders ({allowed[0]}); "
        "on AWS it would not be there: pass what is needed as an input"
    )
