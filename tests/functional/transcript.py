"""A session in a shell as a document shows it: read, carried out, and compared."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_INDENT: Final = "    "
_PROMPT: Final = "$ "
_LEFT_OUT: Final = "…"
_END: Final = "-- end of command: "
# What is another one each time: random parts of names, times, sizes, versions.
_VARIES: Final = re.compile(
    r"[0-9a-fA-F]{8}[0-9a-fA-F-]*|\b([0-9A-Z]{12}|[0-9a-z]{12})\b|\b(?=\w*\d)\w+\b"
)
_RULES: Final = re.compile(r"[-=+|]{3,}")


@dataclass(frozen=True)
class Step:
    """A command, and what the document shows of its output, a line each."""

    command: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """A command that was carried out, with all that it printed."""

    step: Step
    exit_code: int
    printed: str


def steps(text: str) -> list[Step]:
    """Return the commands of a document's indented blocks, in order."""
    found: list[Step] = []
    for line in text.splitlines():
        inside = line.startswith(_INDENT)
        content = line.removeprefix(_INDENT)
        if inside and content.startswith(_PROMPT):
            found.append(Step(content.removeprefix(_PROMPT), ()))
        elif inside and found and found[-1].command.endswith("\\"):
            found[-1] = Step(f"{found[-1].command}\n{content}", ())
        elif inside and found:
            found[-1] = Step(found[-1].command, (*found[-1].shown, content))
    return found


def carried_out(
    session: list[Step], folder: Path, environment: Mapping[str, str]
) -> Iterator[Done]:
    """Give the commands to one shell, one after another."""
    shell = subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert shell.stdin is not None
    assert shell.stdout is not None
    with shell:
        for step in session:
            shell.stdin.write(f"{step.command}\nprintf '\\n%s%s\\n' '{_END}' $?\n")
            shell.stdin.flush()
            lines: list[str] = []
            for line in iter(shell.stdout.readline, ""):
                if line.startswith(_END):
                    break
                lines.append(line)
            yield Done(step, int(line.removeprefix(_END)), "".join(lines))


def not_printed(done: Done) -> list[str]:
    """Return the lines that the document shows and the command did not print, in that order."""
    printed = iter([_masked(line) for line in done.printed.splitlines()])
    shown = [line for line in done.step.shown if line.strip(f" {_LEFT_OUT}")]
    return [line for line in shown if not any(_shows(line, other) for other in printed)]


def _shows(line: str, printed: str) -> bool:
    """Tell whether a line of the document shows a printed one, perhaps its beginning only."""
    beginning, left_out, _ = line.partition(_LEFT_OUT)
    return printed.startswith(_masked(beginning)) if left_out else printed == _masked(line)


def _masked(line: str) -> str:
    line = _RULES.sub("---", line)
    return " ".join(_VARIES.sub("#", line).split())
