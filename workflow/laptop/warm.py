"""A runtime that another command keeps up for this folder: found, or told why it is not used.

It is asked by requests that are signed with its own key: who answers them is that runtime and no
other.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from pocketaws import EXPORTS_PATH, Exports, installation_digest, read_exports
from workflow.errors import WorkflowError
from workflow.laptop import held
from workflow.laptop.local_texts import ENV_NAME
from workflow.project import project

if TYPE_CHECKING:
    from pocketaws import AttachedRuntime

_UP: Final = "pocketaws up"
# As long as `local`: a stack's name begins those of its resources, which have their limits.
_OWN_CHARACTERS: Final = 5


@dataclass(frozen=True)
class Found:
    """A runtime that is up and answers.

    Attributes:
        command: that keeps it up, in words.
        serves: whether the command holds the state folder, and serves what is recorded in its own
            stack; else the run holds the folder, for which there is a stack in the runtime.
        stack_name: of the workflow's stack.
        exports_path: of the file that says how it is reached.
    """

    command: str
    serves: bool
    stack_name: str
    exports_path: Path
    attached: "AttachedRuntime"


class UnusableError(WorkflowError):
    """A runtime that is up, or was, cannot be used; the text says why."""


class _Candidate(NamedTuple):
    command: str
    path: Path
    serves: bool


def find(state_dir: Path, region: str, *, fresh: bool, note: Callable[[str], None]) -> Found | None:
    """Return the runtime that is up for this folder and can be used, or None.

    Args:
        state_dir: that a serving command would hold.
        region: that is to be emulated.
        fresh: whether the run leaves out the recorded model.
        note: takes a line about one that cannot be used.
    """
    candidate = _candidate(state_dir)
    if candidate is None:
        return None
    command, path, serves = candidate
    try:
        if serves and fresh:
            _refuse("--fresh leaves out the model that it serves")
        attached = _answering(path, region)
    except UnusableError as error:
        note(f"{command} is not used: {error}")
        return None
    stack_name = project().stack_name if serves else _stack_name_for(state_dir)
    return Found(command, serves, stack_name, path, attached)


def _candidate(state_dir: Path) -> _Candidate | None:
    holder = held.held_by(state_dir)
    if holder.get("command") == held.SERVE:
        return _Candidate(held.named(holder), state_dir / ENV_NAME, serves=True)
    if EXPORTS_PATH.is_file():
        return _Candidate(f"`{_UP}` ({EXPORTS_PATH})", EXPORTS_PATH, serves=False)
    return None


def _stack_name_for(state_dir: Path) -> str:
    """Return a name for each state folder: what one has recorded is no production of another."""
    digest = hashlib.sha256(str(state_dir.resolve()).encode()).hexdigest()
    return f"{project().name}-{digest[:_OWN_CHARACTERS]}"


def _answering(path: Path, region: str) -> "AttachedRuntime":
    from pocketaws import AttachedRuntime

    try:
        exports = read_exports(path)
    except OSError as error:
        raise UnusableError("it is not up yet, or not any more") from error
    _check(exports, region)
    attached = AttachedRuntime(exports)
    if not attached.listens():
        _refuse(f"nothing answers at {attached.endpoint_url} any more")
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with attached:
            attached.client("stepfunctions").list_state_machines(maxResults=1)
    except (BotoCoreError, ClientError) as error:
        raise UnusableError(f"it does not answer as it should ({error})") from error
    return attached


def _check(exports: Exports, region: str) -> None:
    if exports.installation != installation_digest():
        _refuse("it runs another version of the emulator; start it anew")
    emulated = exports.variables.get("AWS_REGION")
    if emulated != region:
        _refuse(f"it emulates {emulated}, and this run {region}")


def _refuse(why: str) -> NoReturn:
    raise UnusableError(why)
