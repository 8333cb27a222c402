"""Give a project another name, wherever it must be spelt out."""

import re
from pathlib import Path
from typing import Final

from pocketaws import write_whole
from workflow.errors import ProjectError
from workflow.project import PROJECT_PATH, read_project

# What spells the name out, in names of stacks, endpoints and parameters.
FILES: Final = ("samconfig.toml", "endpoint.yaml", "pipeline.yaml")


def renamed(folder: Path, name: str) -> list[Path]:
    """Change the name in a project's files; return those that changed.

    Raises:
        ProjectError: a file cannot be read or written.
    """
    project_path = folder / PROJECT_PATH.name
    before = re.escape(read_project(project_path).name)
    patterns = {folder / file: re.compile(rf"(?<![\w-]){before}(?!\w)") for file in FILES}
    # Last, so that what fails before it can be done again; the sample's path stays as it is.
    patterns[project_path] = re.compile(rf'(?<=^name = "){before}(?="$)', re.MULTILINE)
    changed = []
    for path, pattern in patterns.items():
        try:
            text = path.read_text(encoding="utf-8")
            new = pattern.sub(name, text)
            if new != text:
                write_whole(path, new)
                changed.append(path)
        except OSError as error:
            raise ProjectError(f"{path}: cannot be changed: {error}") from error
    return changed
