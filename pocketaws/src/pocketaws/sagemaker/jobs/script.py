"""What a container does whose entrypoint is a Python script: run it as the main program."""

import atexit
import runpy
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from pocketaws.processes.stand_ins import stand_in


def run(argv: list[str], stand_ins: dict[str, str] | None = None, own: Sequence[str] = ()) -> None:
    """Run `argv[0]` with the rest as its arguments, as `python3 SCRIPT ...` would.

    Args:
        argv: of the program.
        stand_ins: real folders by the paths that they stand for, such as "/opt/ml".
        own: folders that are reached as they are.
    """
    if stand_ins:
        stand_in(stand_ins, own=[Path(path) for path in own])
    sys.argv[:] = argv
    # Python does so for a script, and `run_path` does not; the script's siblings are found there.
    sys.path.insert(0, str(Path(argv[0]).resolve().parent))
    try:
        runpy.run_path(argv[0], run_name="__main__")
    except Exception:
        # As the interpreter ends a script, which may have put a hook of its own in place.
        sys.excepthook(*sys.exc_info())
        sys.exit(1)
    finally:
        # A forked child leaves at once; a script's interpreter would do this before.
        threading._shutdown()  # type: ignore[attr-defined] # noqa: SLF001
        atexit._run_exitfuncs()  # noqa: SLF001
