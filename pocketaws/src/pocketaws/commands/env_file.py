"""What to export to reach a runtime that is up: written by `up`, read by `execute`."""

from collections.abc import Mapping
from pathlib import Path

from pocketaws import exports
from pocketaws.errors import ArgumentError


def write_env_file(path: Path, variables: Mapping[str, str]) -> list[str]:
    """Write what `exports.write_exports` does, and return its lines.

    Raises:
        ArgumentError: the file cannot be written.
    """
    try:
        return exports.write_exports(path, variables)
    except OSError as error:
        raise ArgumentError(f"--env-file {path}: cannot be written: {error}") from error


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables that a file exports.

    Raises:
        ArgumentError: there is no such file.
    """
    try:
        return dict(exports.read_exports(path).variables)
    except OSError as error:
        raise ArgumentError(
            f"{path}: cannot be read ({error.strerror}); start a runtime with `python -m pocketaws "
            "up`, or name the file that it wrote with --env-file"
        ) from error
