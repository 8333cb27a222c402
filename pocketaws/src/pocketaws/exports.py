"""What to export to reach a runtime that is up: a file for a shell, and for other commands."""

import contextlib
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pocketaws import environment
from pocketaws.installation import installation_digest

EXPORTS_PATH: Final = Path(".pocketaws", "local.env")
_LINE: Final = re.compile(r"export (?P<name>[A-Z_0-9]+)=(?P<value>.*)")
_MAKER: Final = re.compile(r"# of process (?P<process>[0-9]+), pocketaws (?P<digest>[0-9a-f]+)")


@dataclass(frozen=True)
class Exports:
    """What such a file says.

    Attributes:
        variables: of the environment, the key of the runtime among them.
        process_id: of the command that keeps the runtime up; None where the file does not say.
        installation: what it runs, as `installation_digest` tells it; likewise.
    """

    variables: Mapping[str, str]
    process_id: int | None = None
    installation: str | None = None


def write_exports(path: Path, variables: Mapping[str, str]) -> list[str]:
    """Write a file for a shell to source, which only its owner may read; return its lines.

    The AWS configuration that it names lies beside it, since the runtime's own ends with it.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    config_path = path.resolve().with_name("aws-config")
    environment.write_config(config_path)
    lines = environment.shell_lines({**variables, "AWS_CONFIG_FILE": str(config_path)})
    maker = f"# of process {os.getpid()}, pocketaws {installation_digest()}"
    environment.write_private(path, "".join(f"{line}\n" for line in [*lines, maker]))
    return lines


def read_exports(path: Path) -> Exports:
    """Return what a file exports.

    Raises:
        OSError: there is no such file.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    found = (_LINE.fullmatch(line) for line in lines)
    variables = {match["name"]: "".join(shlex.split(match["value"])) for match in found if match}
    maker = next(filter(None, map(_MAKER.fullmatch, lines)), None)
    if maker is None:
        return Exports(variables)
    return Exports(variables, int(maker["process"]), maker["digest"])


@contextlib.contextmanager
def taken_back(path: Path) -> Iterator[None]:
    """Remove, at the end of the context, the file that this process has written, if it did."""
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if read_exports(path).process_id == os.getpid():
                path.unlink()
