"""Make targets need environments; `--offline` gives a checkout those that this machine has.

Each target sets its environment up unless `ready` in it is newer than the lock files. A link to
the whole folder would let make install into the user's own, so the folder is new and only what is
in it are links.
"""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from workflow.errors import WorkflowError

_READY: Final = "ready"
_SAM: Final = ".venv-sam"
_PROJECT_DIR: Final = Path(__file__).parents[2]


def offline(source_dir: Path, note: Callable[[str], None]) -> Callable[[Path], None]:
    """Return what prepares a checkout for `make` without a network.

    Args:
        source_dir: the user's own folder, whose `.venv-…` are used where they are ready.
        note: shows a line that stays.

    Raises:
        WorkflowError: this process does not run in a virtual environment.
    """
    if sys.prefix == sys.base_prefix:
        raise WorkflowError("--offline: run it from the environment that `make` sets up in .venv")

    def prepare(checkout: Path) -> None:
        _link_contents(Path(sys.prefix), checkout / ".venv")
        note(f"offline: .venv is {sys.prefix}, whatever the lock files say")
        for ready in sorted(source_dir.glob(f".venv-*/{_READY}")):
            _link_contents(ready.parent, checkout / ready.parent.name)
            note(f"offline: {ready.parent.name} is {ready.parent}")
        if not (checkout / _SAM).exists():
            _stand_in(checkout / _SAM)
            note("offline: there is no SAM CLI here; a stand-in builds and packages instead")

    return prepare


def fresh(_: Path) -> None:
    """Leave a checkout as it is: make sets its environments up, as in CodeBuild."""


def _link_contents(environment: Path, folder: Path) -> None:
    folder.mkdir()
    for path in environment.iterdir():
        if path.name != _READY:
            (folder / path.name).symlink_to(path.resolve())
    (folder / _READY).touch()


def _stand_in(folder: Path) -> None:
    program = folder / "bin" / "sam"
    program.parent.mkdir(parents=True)
    # -P: the checkout's own package is not the one that runs.
    program.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(_PROJECT_DIR))} exec "
        f'{shlex.quote(sys.executable)} -P -m workflow.release.sam "$@"\n'
    )
    program.chmod(0o755)
    (folder / _READY).touch()
