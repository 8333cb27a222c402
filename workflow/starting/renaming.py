"""Give a project another name, wherever it must be spelt out."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from workflow.errors import ProjectError
from workflow.project import PROJECT_PATH, read_project
from workflow.starting.changing import change

# What spells the name out, in names of stacks, endpoints and parameters.
FILES: Final = ("samconfig.toml", "endpoint.yaml", "pipeline.yaml")


def renamed(folder: Path, name: str) -> list[Path]:
    """Change the name in a project's files, as one; return those that changed.

    Raises:
        ProjectError: a file cannot be read or written.
    """
    texts = renaming(folder, name, {})
    change(folder, texts)
    return [folder / file for file in texts]


def renaming(folder: Path, name: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Return what files of a project become where it has another name, by their paths in it.

    Args:
        folder: of the project.
        name: the new one.
        texts: of files that are to change anyway, in place of what they hold.

    Raises:
        ProjectError: a file cannot be read.
    """
    before = re.escape(read_project(folder / PROJECT_PATH.name).name)
    patterns = {file: re.compile(rf"(?<![\w-]){before}(?!\w)") for file in FILES}
    # The sample's path stays as it is.
    patterns[PROJECT_PATH.name] = re.compile(rf'(?<=^name = "){before}(?="$)', re.MULTILINE)
    changed = dict(texts)
    for file, pattern in patterns.items():
        try:
            text = texts.get(file) or (folder / file).read_text(encoding="utf-8")
        except OSError as error:
            raise ProjectError(f"{folder / file}: cannot be changed: {error}") from error
        new = pattern.sub(name, text)
        if new != text:
            changed[file] = new
    return changed
