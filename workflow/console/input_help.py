"""An execution's input: its fields as docs/execution-input.md tells them, and what is wrong in one.

Each answer is a line for people; the checks are those that the first state makes.
"""

import functools
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workflow.errors import WorkflowError
from workflow.project import PROJECT_DIR

_DOCUMENT: Final = PROJECT_DIR / "docs" / "execution-input.md"
_SCRIPT: Final = PROJECT_DIR / "functions" / "prepare_execution" / "check_input.py"
_NO_PROBLEM, _PROBLEMS = 0, 3  # check_input.py's exit codes
_BEGINNING: Final = "execution input: "
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
_MAXIMUM_BYTES: Final = 262_144
_CELLS: Final = 3


class Field(NamedTuple):
    """A field of the execution's input."""

    name: str
    value: str
    default: str


class Checked(NamedTuple):
    """A text that was read as an execution's input; `value` is None where it cannot be used."""

    value: dict[str, Any] | None
    problems: list[str]


@functools.cache
def fields() -> tuple[Field, ...]:
    """Return the rows of the document's table; none where it is not there."""
    return tuple(_rows(_tokens()))


@functools.cache
def note() -> str:
    """Return the document's paragraph below its table, about what the table leaves to it."""
    tokens = iter(_tokens())
    below = itertools.dropwhile(lambda token: token.type != "table_close", tokens)
    return next((_text(token) for token in below if token.type == "inline"), "")


def checked(text: str) -> Checked:
    """Return what a person has typed, or each problem of it.

    Raises:
        WorkflowError: the script that checks the fields cannot run.
    """
    size = len(text.encode(errors="surrogatepass"))
    if size > _MAXIMUM_BYTES:
        return Checked(None, [f"{size:,} bytes: Step Functions takes at most {_MAXIMUM_BYTES:,}"])
    try:
        value = json.loads(text or "{}")
    except RecursionError:
        return Checked(None, ["is nested too deeply to be read"])
    except json.JSONDecodeError as error:
        return Checked(None, [f"no JSON: line {error.lineno}, column {error.colno}: {error.msg}"])
    except ValueError as error:
        return Checked(None, [f"no JSON: {error}"])
    if not isinstance(value, dict):
        return Checked(None, ['must be a JSON object, such as {} or {"split_seed": 7}'])
    problems = _field_problems(value)
    return Checked(None if problems else value, problems)


def _field_problems(value: dict[str, Any]) -> list[str]:
    # -B: what lies beside the script is deployed with it.
    command = [sys.executable, "-B", str(_SCRIPT)]
    asked = json.dumps(value)
    ended = subprocess.run(command, input=asked, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    if ended.returncode not in {_NO_PROBLEM, _PROBLEMS}:
        last = "".join(ended.stderr.strip().splitlines()[-1:])
        raise WorkflowError(f"{_SCRIPT.name} ended with {ended.returncode}: {last}")
    return ended.stdout.removeprefix(_BEGINNING).splitlines()


@functools.cache
def _tokens() -> list[Token]:
    try:
        text = _DOCUMENT.read_text(encoding="utf-8")
    except OSError:
        return []
    return MarkdownIt("commonmark").enable("table").parse(text)


def _rows(tokens: list[Token]) -> Iterator[Field]:
    cells: list[str] = []
    for token, after in itertools.pairwise(tokens):
        if token.type == "td_open":
            cells.append(_text(after))
        elif token.type == "tr_close":
            if len(cells) == _CELLS:
                yield Field(*cells)
            cells = []


def _text(inline: Token) -> str:
    return "".join(
        " " if child.type == "softbreak" else child.content for child in inline.children or ()
    )
