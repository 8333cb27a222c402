"""A file that one command holds for itself while it runs."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pocketaws.errors import ArgumentError


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file against every other command, by a lock beside it; what is no file holds nobody.

    The lock is the operating system's, so that it ends with the process, whatever ends that.

    Raises:
        ArgumentError: another command holds it, or nothing can be written there.
    """
    if path.exists() and not path.is_file():
        yield
        return
    with contextlib.ExitStack() as exits:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = exits.enter_context(path.with_name(f"{path.name}.lock").open("a+"))
            _take(file, path)
        except OSError as error:
            raise ArgumentError(f"--env-file {path}: cannot be written: {error}") from error
        yield


def _take(file: IO[str], path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "another process"
        raise ArgumentError(
            f"--env-file {path}: a runtime that is up has written it ({holder}); end that one, or "
            "name another file with --env-file"
        ) from None
    file.truncate(0)
    file.write(f"process {os.getpid()}")
    file.flush()
