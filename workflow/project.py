"""What `project.toml` says: the names and the sample, in one place for all commands."""

import functools
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from workflow.errors import ProjectError

PROJECT_DIR: Final = Path(__file__).parents[1]
PROJECT_PATH: Final = PROJECT_DIR / "project.toml"
# What is left of a change of several files that was killed; see workflow/starting/changing.py.
CHANGING_NAME: Final = ".changing.json"
_KEYS: Final = {"name", "region", "sample"}
# Names of stacks and endpoints begin with it, so it is one itself, and leaves them some length:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_NAME_LENGTH: Final = 24


class Project(NamedTuple):
    """The project's own names.

    Attributes:
        sample_path: the rows that stand for the user's data where none are given.
        region: that is emulated where none is named.
    """

    name: str
    sample_path: Path
    region: str

    @property
    def stack_name(self) -> str:
        """The deployed workflow's stack that commands ask for unless they are told otherwise."""
        return f"{self.name}-dev"

    @property
    def local_stack_name(self) -> str:
        """The workflow's stack of `workflow run`."""
        return f"{self.name}-local"

    @property
    def endpoint_stack_name(self) -> str:
        """The endpoint's stack of `workflow serve`."""
        return f"{self.name}-endpoint"

    @property
    def endpoint_name(self) -> str:
        """The endpoint that commands ask for unless they are told otherwise."""
        return self.name


@functools.cache
def project() -> Project:
    """Return the project of this checkout.

    Raises:
        ProjectError: project.toml is not there, or says something that cannot be.
    """
    return read_project(PROJECT_PATH)


def read_project(path: Path) -> Project:
    """Read a project.toml; paths in it start at its folder.

    Raises:
        ProjectError: it is not there, or says something that cannot be.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProjectError(f"{path}: cannot be read: {error}") from error
    if told.keys() != _KEYS:
        raise ProjectError(f"{path}: must have {_listed(_KEYS)}, and has {_listed(told.keys())}")
    for key, value in told.items():
        if not isinstance(value, str):
            raise ProjectError(f"{path}: {key} = {value!r}: must be a text")
    check_name(told["name"], where=str(path))
    return Project(told["name"], path.parent / told["sample"], told["region"])


def check_name(name: str, *, where: str) -> None:
    """Refuse a name of which no stacks and endpoints can be made.

    Raises:
        ProjectError: with what it may be.
    """
    if not NAME.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
        raise ProjectError(
            f"{where}: name = {name!r}: must be at most {MAX_NAME_LENGTH} lower-case letters, "
            "digits and single hyphens, beginning with a letter"
        )


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys)) or "nothing"
