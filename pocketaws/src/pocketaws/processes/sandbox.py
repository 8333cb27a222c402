"""Keep a job or a handler inside its own folders.

A guard against accidents, not against malice: an audit hook sees what Python opens, creates,
lists or removes, and refuses what AWS would not have there either. Native libraries that open
files by themselves are not seen, nor are other programs that are started.
https://docs.python.org/3/library/audit_events.html
"""

import functools
import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Which arguments of an event are paths that are changed.
_WRITE_EVENTS = {
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.link": (0, 1),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.utime": (0,),
    "shutil.move": (0, 1),
    "shutil.rmtree": (0,),
}
_READ_EVENTS = frozenset({"os.listdir", "os.scandir", "os.chdir"})
# What every process may read: the system's libraries, time zones, certificates and devices.
_SYSTEM_DIRS = ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/System", "/Library")
_DEVICES = ("/dev/null", "/dev/urandom", "/dev/random", "/dev/shm")  # noqa: S108
_TEMPORARY_DIRS = ("/tmp", "/var/tmp", "/private/tmp")  # noqa: S108


def confine(folders: Iterable[Path], *, read_only: Iterable[Path] = (), subject: str) -> None:
    """Refuse, from now on and for good, what this process does outside `folders`.

    Args:
        folders: may be read and written.
        read_only: may be read, as the code of a Lambda function.
        subject: names the job or function in the error, a PermissionError.
    """
    inside = tuple(os.path.realpath(folder) for folder in folders)
    shown = tuple(os.path.realpath(path) for path in read_only)
    readable = (*inside, *shown, *python_dirs(), *_SYSTEM_DIRS, *_DEVICES)
    writable = (*inside, *_DEVICES)

    def check(path: Any, allowed: tuple[str, ...]) -> None:
        if path is None or isinstance(path, int):
            return
        real = os.path.realpath(os.fsdecode(path))
        if not _lies_in(real, allowed):
            raise PermissionError(_refusal(real, subject, inside, shown))

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            check(path, writable if (flags or 0) & _WRITE_FLAGS else readable)
        elif event in _WRITE_EVENTS:
            for index in _WRITE_EVENTS[event]:
                check(arguments[index], writable)
        elif event in _READ_EVENTS:
            check(arguments[0], readable)

    sys.addaudithook(audit)


@functools.cache
def python_dirs() -> frozenset[str]:
    """Return the folders of the interpreter and of what is installed for it."""
    found = {*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, sys.exec_prefix}
    return frozenset(found | {os.path.realpath(path) for path in found})


def _lies_in(real: str, folders: Iterable[str]) -> bool:
    # With the separator, so that no folder holds what only begins like it; the root has its own.
    return (real + os.sep).startswith(tuple(f"{folder.rstrip(os.sep)}/" for folder in folders))


def _refusal(real: str, subject: str, inside: tuple[str, ...], shown: tuple[str, ...]) -> str:
    if _lies_in(real, shown):
        return f"{subject} would change {real}, which it may only read; on AWS it may not, either"
    reached = f"{subject} reached for {real}, which is outside its own folders ({inside[0]})"
    if _lies_in(real, ["/opt/ml"]):
        return (
            f"{reached}; here another folder stands for /opt/ml, and the paths in the job's "
            "arguments and environment lead to it: take the path from one of them"
        )
    if _lies_in(real, _TEMPORARY_DIRS):
        return (
            f"{reached}; its folder for temporary files is {os.environ.get('TMPDIR', inside[0])} "
            "here: ask tempfile.gettempdir()"
        )
    return f"{reached}; on AWS it would not be there: pass what is needed as an input"
