"""The execution's input as a command line gives it."""

import json
from pathlib import Path
from typing import Any

from pocketaws import no_number, once_each
from workflow.errors import ExecutionInputError


def file_of(text: str) -> Path | None:
    """Return the file that the text of `--input` names; None where it is the input itself."""
    return Path(text[1:]) if text.startswith("@") else None


def parse_execution_input(text: str, source: str = "--input") -> dict[str, Any]:
    """Return the execution input of a command line: JSON, or @ and the path of a file of it.

    Args:
        text: of the option.
        source: the option.

    Raises:
        ExecutionInputError: it is not a JSON object, or the file cannot be read.
    """
    if text.startswith("@"):
        source = text[1:]
        if not source:
            raise ExecutionInputError("--input @: names no file; write it like @input.json")
        try:
            text = Path(source).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ExecutionInputError(f"--input @{source}: cannot be read: {error}") from error
    try:
        value = json.loads(text, object_pairs_hook=once_each, parse_constant=no_number)
    except RecursionError as error:
        raise ExecutionInputError(f"{source}: is nested too deeply to be read") from error
    except ValueError as error:
        raise ExecutionInputError(
            f"{source}: is not JSON ({error}); write it like '{{\"split_seed\": 7}}'"
        ) from error
    if not isinstance(value, dict):
        raise ExecutionInputError(f"{source}: must be a JSON object such as {{}}, got {text[:80]}")
    return value
