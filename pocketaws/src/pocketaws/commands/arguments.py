"""Arguments that several commands take, parsed and checked before anything starts."""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pocketaws.commands.strict_json import no_number, once_each
from pocketaws.errors import ArgumentError
from pocketaws.partitions import region_problem
from pocketaws.step_functions.execution_names import execution_name_problem

DEFAULT_REGION: Final = "us-east-1"
_NO_NAME_CHARACTERS: Final = re.compile(r"[^A-Za-z0-9-]+")
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
_STACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_TEMPLATE_NAMES: Final = ("template.yaml", "template.yml", "template.json")


def add_stack_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says how a template is deployed."""
    parser.add_argument(
        "--stack-name", metavar="NAME", help="of the stack (default: the template's folder's name)"
    )
    parser.add_argument(
        "--parameter",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a parameter of the template, over its default; once for each",
    )
    parser.add_argument(
        "--region",
        default=DEFAULT_REGION,
        help=f"of the emulated account (default: {DEFAULT_REGION})",
    )


def region(name: str) -> str:
    """Return the region of `--region`.

    Raises:
        ArgumentError: no runtime can be in it.
    """
    problem = region_problem(name)
    if problem is not None:
        raise ArgumentError(f"--region {name!r}: {problem}")
    return name


def template_path(path: Path) -> Path:
    """Return the template that an argument names: a file, or a folder with one.

    Raises:
        ArgumentError: there is none.
    """
    candidates = [path / name for name in _TEMPLATE_NAMES] if path.is_dir() else [path]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ArgumentError(
        f"TEMPLATE {path}: there is no such file; name a SAM or CloudFormation template, or a "
        f"folder with one of {', '.join(_TEMPLATE_NAMES)}"
    )


def stack_name(given: str | None, template: Path) -> str:
    """Return the stack's name: the one given, or one made of the template's folder.

    Raises:
        ArgumentError: CloudFormation would refuse the one given.
    """
    if given is None:
        made = _NO_NAME_CHARACTERS.sub("-", template.resolve().parent.name).strip("-")
        return made if _STACK_NAME.fullmatch(made) else "local"
    if not _STACK_NAME.fullmatch(given):
        raise ArgumentError(
            f"--stack-name {given!r}: must begin with a letter and hold at most 128 letters, "
            "digits and hyphens"
        )
    return given


def parameters(pairs: Sequence[str]) -> dict[str, str]:
    """Return the parameters of `--parameter KEY=VALUE`.

    Raises:
        ArgumentError: one has no `=`, or stands twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise ArgumentError(f"--parameter {pair!r}: write it as KEY=VALUE")
        if name in found:
            raise ArgumentError(f"--parameter {name}: stands twice; give it once")
        found[name] = value
    return found


def execution_input(text: str) -> Any:
    """Return the input of `--input`: JSON, or @ and the path of a file of it.

    Raises:
        ArgumentError: it is not JSON, or the file cannot be read.
    """
    source = "--input"
    if text.startswith("@"):
        source = f"--input {text}"
        if text == "@":
            raise ArgumentError(f"{source}: names no file; write it like @input.json")
        try:
            text = Path(text[1:]).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ArgumentError(f"{source}: cannot be read: {error}") from error
    try:
        return json.loads(text, object_pairs_hook=once_each, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise ArgumentError(
            f"{source}: is not JSON ({error}); write it like '{{\"key\": 1}}'"
        ) from error


def execution_name(name: str | None) -> str | None:
    """Return the name of `--name`, looked at before anything starts.

    Raises:
        ArgumentError: Step Functions would refuse it.
    """
    problem = None if name is None else execution_name_problem(name)
    if problem:
        raise ArgumentError(f"--name {name!r}: {problem}")
    return name


def result_path(path: Path | None) -> Path | None:
    """Return where the result goes, looked at before anything starts.

    Raises:
        ArgumentError: no file can be written there.
    """
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise ArgumentError(f"--result {path}: must be a file in a folder that is there")
    return path
