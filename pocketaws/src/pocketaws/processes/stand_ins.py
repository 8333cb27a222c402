"""Folders that stand for others: a child that opens /tmp/x or /opt/ml/x gets a file of its own.

Python's own calls are led there, those of the standard library among them; native libraries that
open files by themselves are not, nor are other programs that are started.
"""

import builtins
import functools
import io
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pocketaws.processes.sandbox import python_dirs

# Which arguments are paths.
_CALLS: Final[Mapping[str, tuple[int, ...]]] = {
    "access": (0,),
    "chdir": (0,),
    "chmod": (0,),
    "chown": (0,),
    "link": (0, 1),
    "listdir": (0,),
    "lstat": (0,),
    "mkdir": (0,),
    "open": (0,),
    "readlink": (0,),
    "remove": (0,),
    "rename": (0, 1),
    "replace": (0, 1),
    "rmdir": (0,),
    "scandir": (0,),
    "stat": (0,),
    "symlink": (1,),
    "truncate": (0,),
    "unlink": (0,),
    "utime": (0,),
}


def stand_in(folders: Mapping[str, str], *, own: Iterable[Path]) -> None:
    """Lead this process's calls to other folders, from now on and for good.

    Args:
        folders: the real folder by the path that it stands for, such as "/opt/ml".
        own: folders that are reached as they are, though they may lie in one of those; so are
            those of the interpreter, whose environment may stand anywhere.
    """
    given = [str(path) for path in own]
    kept = [*given, *map(os.path.realpath, given), *python_dirs()]

    def led(path: Any) -> Any:
        if isinstance(path, int) or path is None:
            return path
        text = os.fsdecode(path)
        if not text.startswith("/") or _lies_in(text, kept):
            return path
        for place, folder in folders.items():
            if _lies_in(os.path.normpath(text), [place]):
                real = folder + os.path.normpath(text)[len(place) :]
                return os.fsencode(real) if isinstance(path, bytes) else real
        return path

    for name, places in _CALLS.items():
        setattr(os, name, _leading(getattr(os, name), places, led))
    # What the interpreter opens files with by other names.
    builtins.open = io.open = _leading(io.open, (0,), led)


def _leading(
    call: Callable[..., Any], places: tuple[int, ...], led: Callable[[Any], Any]
) -> Callable[..., Any]:
    @functools.wraps(call)
    def leading(*given: Any, **named: Any) -> Any:
        arguments = [led(value) if index in places else value for index, value in enumerate(given)]
        for name in ("path", "src", "dst", "file"):
            if name in named:
                named[name] = led(named[name])
        return call(*arguments, **named)

    return leading


def _lies_in(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}{os.sep}") for folder in folders)
