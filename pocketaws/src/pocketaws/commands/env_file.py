"""What to export to reach a runtime that is up: written by `up`, read by `execute`."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pocketaws import environment
from pocketaws.errors import ArgumentError

DEFAULT_PATH: Final = Path(".pocketaws", "local.env")
_LINE: Final = re.compile(r"export (?P<name>[A-Z_]+)=(?P<value>.*)")


def write_env_file(path: Path, variables: Mapping[str, str]) -> list[str]:
    """Write a file for a shell to source, which only its owner may read; return its lines.

    The AWS configuration that it names lies beside it, since the runtime's own ends with it.

    Raises:
        ArgumentError: the file cannot be written.
    """
    config_path = path.absolute().with_name("aws-config")
    lines = environment.shell_lines({**variables, "AWS_CONFIG_FILE": str(config_path)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        environment.write_config(config_path)
        environment.write_private(path, "".join(f"{line}\n" for line in lines))
    except OSError as error:
        raise ArgumentError(f"--env-file {path}: cannot be written: {error}") from error
    return lines


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables that a file exports.

    Raises:
        ArgumentError: there is no such file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ArgumentError(
            f"{path}: cannot be read ({error.strerror}); start a runtime with `python -m pocketaws "
            "up`, or name the file that it wrote with --env-file"
        ) from error
    found = (_LINE.fullmatch(line) for line in text.splitlines())
    return {match["name"]: "".join(shlex.split(match["value"])) for match in found if match}
