"""What a command holds for itself: the state folder while it runs, a folder for its files.

Both are held by locks of the operating system, which end with the process whatever ends it.
"""

import contextlib
import datetime
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pocketaws import write_whole
from workflow.errors import LocalStateError, OutputError
from workflow.laptop.snapshots import sync_tree
from workflow.report.record_form import MARK_NAME

if TYPE_CHECKING:
    from filelock import FileLock

_LOCK_NAME: Final = "lock"
_HOLDER_NAME: Final = "holder.json"
# The command that stays up.
SERVE: Final = "workflow serve"
_MARK: Final = (
    "An execution is writing to this folder, or was interrupted while it did: what lies here is\n"
    "not complete. Once no command runs, the folder can be removed.\n"
)
_LOOK_SECONDS: Final = 0.2
_UNNAMED_SECONDS: Final = 2.0


@contextlib.contextmanager
def state_folder(
    folder: Path, command: str, tell: Callable[[str], None], *, stays: bool = False
) -> Iterator[Callable[[], None]]:
    """Hold a state folder; wait for the command that holds it, and say which one that is.

    Args:
        folder: made where it is not there.
        command: that holds it, for others to read.
        tell: takes a line about the waiting.
        stays: whether the command goes on until somebody ends it: nobody waits for it.

    Yields:
        Says that the command ends now: others wait for it again.

    Raises:
        LocalStateError: a command that stays holds it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _acquired(folder, tell)
        write_whole(folder / _HOLDER_NAME, _holder(command, stays=stays))
    except OSError as error:
        raise LocalStateError(f"--state-dir {folder}: cannot be used: {error}") from error

    def leave() -> None:
        with contextlib.suppress(OSError):
            write_whole(folder / _HOLDER_NAME, _holder(command, stays=False))

    try:
        yield leave
    finally:
        with contextlib.suppress(OSError):
            (folder / _HOLDER_NAME).unlink(missing_ok=True)
        lock.release()


def _acquired(folder: Path, tell: Callable[[str], None]) -> "FileLock":
    # No other command needs it, and it takes a while to import.
    from filelock import FileLock, Timeout

    lock = FileLock(folder / _LOCK_NAME)
    told, begun = False, time.monotonic()
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            held = held_by(folder)
        else:
            return lock
        if held.get("stays"):
            raise LocalStateError(
                f"{folder} is held by {named(held)}, which stays up; end it, or give another "
                "--state-dir"
            )
        # The holder writes who it is a moment after it has the lock.
        if not told and (held or time.monotonic() - begun > _UNNAMED_SECONDS):
            tell(f"waiting for {named(held)}, which holds {folder}; or end it")
            told = True
        time.sleep(_LOOK_SECONDS)


def named(held: Mapping[str, Any]) -> str:
    """Return a holder in words."""
    if not held:
        return "another command"
    return f"`{held['command']}` (process {held['process_id']}, since {held['since']})"


def _holder(command: str, *, stays: bool) -> str:
    since = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    held = {"command": command, "process_id": os.getpid(), "since": since, "stays": stays}
    return f"{json.dumps(held)}\n"


def held_by(folder: Path) -> dict[str, Any]:
    """Return what the holder of a state folder wrote; nothing where it has not yet.

    One that was killed left it there.
    """
    try:
        held: dict[str, Any] = json.loads((folder / _HOLDER_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return held


@dataclass
class RunFolder:
    """The folder of one execution; who has written all of it says that it is complete."""

    path: Path
    is_complete: bool = False


@contextlib.contextmanager
def run_folder(
    output_dir: Path, name: str, *, numbered: bool, synced: bool = True
) -> Iterator[RunFolder]:
    """Make a folder of that name for one execution alone, marked as long as it is not complete.

    At the end the mark of a complete one goes, and the folder where nothing came into it.

    Args:
        output_dir: made where it is not there.
        name: of the execution.
        numbered: whether a name that is taken gets a number; else it is refused.
        synced: whether the disk is to hold every file before the mark goes.

    Raises:
        OutputError: the name is taken, or the folder cannot be made.
    """
    from filelock import FileLock

    with contextlib.ExitStack() as exits:
        try:
            folder = _made(output_dir, name, numbered=numbered)
            mark = folder / MARK_NAME
            exits.callback(_remove_if_empty, folder)
            exits.enter_context(FileLock(mark))
            mark.write_text(_MARK, encoding="utf-8")
        except OSError as error:
            raise OutputError(f"--output-dir {output_dir}: cannot be written: {error}") from error
        made = RunFolder(folder)
        yield made
        if not made.is_complete:
            return
        try:
            if synced:
                sync_tree(folder)
            mark.unlink()
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written whole: {error}") from error


def _made(output_dir: Path, name: str, *, numbered: bool) -> Path:
    output_dir.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        folder = output_dir / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            if not numbered:
                raise OutputError(_taken(folder)) from None
        else:
            return folder
    raise AssertionError


def _taken(folder: Path) -> str:
    text = f"--name {folder.name}: {folder} is there already"
    mark = folder / MARK_NAME
    if not folder.is_dir():
        return f"{text}, and no folder; give another name, or remove it"
    if not mark.exists() and any(folder.iterdir()):
        return f"{text}; give another name, or remove it"
    if mark.exists() and _is_held(mark):
        return f"{text}, and an execution of that name is going on; give another name"
    return f"{text}, of a run that was interrupted; give another name, or remove it"


def _is_held(path: Path) -> bool:
    from filelock import FileLock, Timeout

    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        if {path.name for path in folder.iterdir()} <= {MARK_NAME}:
            (folder / MARK_NAME).unlink(missing_ok=True)
            folder.rmdir()
