"""A forked child of a zygote: own session, log, environment and folders; then run and exit."""

import functools
import importlib
import os
import signal
import site
import sys
import sysconfig
import tempfile
import time
import traceback
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any, NoReturn

from pocketaws.processes import descendants
from pocketaws.processes.sandbox import confine, python_dirs

_PACKAGE = __name__.partition(".")[0]
_PACKAGE_DIR = os.path.realpath(Path(__file__).parents[1])
_EXIT_CODES = 0xFF


def look_up() -> None:
    """Find out, once for all children that are forked from now on, where Python is installed."""
    python_dirs()
    _installed_dirs()


def become(request: dict[str, Any]) -> NoReturn:
    """Do what a request asks for and exit; see `pocketaws.processes.zygote`.

    Whatever happens, the child never returns into the zygote's loop.
    """
    exit_code = 1
    try:
        exit_code = _run(request)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(exit_code & _EXIT_CODES)


def _run(request: dict[str, Any]) -> int:
    try:
        _prepare(request)
        target = _target(request["target"])
        _hide_checkouts()
        confine(
            [Path(folder) for folder in request["folders"]],
            read_only=[Path(path) for path in request["read_only"]],
            subject=request["subject"],
        )
        return int(target(**request["arguments"]) or 0)
    except SystemExit as error:
        return _exit_code_of(error)
    except BaseException:
        traceback.print_exc()
        return 1


def _prepare(request: dict[str, Any]) -> None:
    os.setsid()
    descendants.end_with_parent()
    descendants.adopt_orphans()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    _redirect(request["log_path"])
    os.environ.clear()
    os.environ.update(request["environment"])
    # Both were looked up with the zygote's variables.
    time.tzset()
    tempfile.tempdir = None
    os.chdir(request["folders"][0])
    sys.dont_write_bytecode = True


def _redirect(log_path: str) -> None:
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    # A line at a time, so that the log's order is the order in which things happened.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _target(name: str) -> Any:
    module_name, _, function_name = name.partition(":")
    return getattr(importlib.import_module(module_name), function_name)


def _exit_code_of(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    print(error.code, file=sys.stderr)
    return 1


class _HiddenPackage:
    """A finder for which this package does not exist, though one of its name may."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != _PACKAGE:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or os.path.realpath(spec.origin or "").startswith(_PACKAGE_DIR + os.sep):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return spec


def _hide_checkouts() -> None:
    """Leave the child what is installed, as a container or a Lambda has it, and no checkout.

    A checkout is found by a path, or by a finder, that an editable installation adds. This package
    is hidden wherever it is.
    """
    installed = _installed_dirs()
    sys.path[:] = [path for path in sys.path if os.path.realpath(path) in installed]
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if not _module_of(finder).startswith("__editable__")
    ]
    sys.meta_path.insert(0, _HiddenPackage)
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]


@functools.cache
def _installed_dirs() -> frozenset[str]:
    standard = Path(sysconfig.get_path("stdlib"))
    found = [
        *sysconfig.get_paths().values(),
        *site.getsitepackages(),
        site.getusersitepackages(),
        str(standard / "lib-dynload"),
        # The standard library as one archive, where Python has it so.
        str(standard.parent / f"python{sys.version_info.major}{sys.version_info.minor}.zip"),
    ]
    return frozenset(os.path.realpath(path) for path in found)


def _module_of(finder: object) -> str:
    return getattr(finder, "__module__", None) or type(finder).__module__
