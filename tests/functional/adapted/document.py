"""The code blocks of docs/adapt.md, carried out on a copy of the project.

Above a block stands the file that it is about. In `python` it is the file's whole content; `diff`
changes the one place where its lines without + stand; `console`, without a file, holds commands, of
which the project's renaming is carried out, too.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

PROJECT_DIR: Final = Path(__file__).parents[3]
DOCUMENT_PATH: Final = PROJECT_DIR / "docs" / "adapt.md"
_RENAME: Final = "$ python -m workflow rename "
_BLOCK: Final = re.compile(
    r"^(?:`(?P<file>\S+)`:\n\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
# What a clone would not hold, or what no command of a copy reads.
_LEFT_OUT: Final = (
    *(".*", "__pycache__", "*.egg-info"),
    *("runs", "reports", "packaged", "node_modules", "tests", "bench"),
)


class Block(NamedTuple):
    """A code block: the file that it is about (or nothing), its language, and its text."""

    file: str
    language: str
    text: str


def blocks() -> list[Block]:
    """Return the document's code blocks."""
    return [Block(*found) for found in _BLOCK.findall(DOCUMENT_PATH.read_text(encoding="utf-8"))]


def adapt_copy(copy_dir: Path) -> None:
    """Copy the project, and carry the document's blocks out on the copy.

    Raises:
        ValueError: a block changes what is not there, or there more than once.
    """
    ignored = shutil.ignore_patterns(*_LEFT_OUT)
    shutil.copytree(PROJECT_DIR, copy_dir, symlinks=True, ignore=ignored)
    for block in blocks():
        path = copy_dir / block.file
        if block.language == "python":
            path.write_text(block.text, encoding="utf-8")
        if block.language == "diff":
            content = changed(path.read_text(encoding="utf-8"), block)
            path.write_text(content, encoding="utf-8")
        if block.language == "console":
            _carry_out(block, copy_dir)


def changed(content: str, block: Block) -> str:
    """Return a file's content with a `diff` block carried out.

    Raises:
        ValueError: what it changes is not there, or there more than once.
    """
    lines = block.text.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    after = "".join(line[1:] for line in lines if not line.startswith("-"))
    if content.count(before) != 1:
        found = content.count(before)
        raise ValueError(f"{block.file}: holds {found} times, and must hold once:\n{before}")
    return content.replace(before, after)


def _carry_out(block: Block, copy_dir: Path) -> None:
    commands = block.text.replace("\\\n", "").splitlines()
    for command in commands:
        if command.startswith(_RENAME):
            subprocess.run(
                [sys.executable, *command.removeprefix("$ python ").split()],
                cwd=copy_dir,
                env={**os.environ, "PYTHONPATH": str(copy_dir)},
                check=True,
            )
