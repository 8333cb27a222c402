"""A small repository to release: the project's templates, with quick targets in its Makefile."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import PROJECT_DIR
from workflow.release.execution import ActionRow

_FILES = ("template.yaml", "endpoint.yaml", "pipeline.yaml", "buildspec.yml", "samconfig.toml")
_SUITE = re.compile(r"^pr: .*$", re.MULTILINE)
# What stands for the whole test suite, in a second instead of minutes.
_QUICK_SUITE = "pr:\n\tmkdir -p reports\n\techo '<testsuites/>' > reports/tests.xml\n\tsh check.sh"


@dataclass(frozen=True)
class Repository:
    """A git repository with the project's templates."""

    folder: Path

    def commit(self, message: str) -> None:
        for arguments in (["add", "--all"], ["commit", "--quiet", "--message", message]):
            _git(self.folder, *arguments)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text, old
        self.write(name, text.replace(old, new, 1))


def repository(folder: Path, origin: Path = PROJECT_DIR) -> Repository:
    """Make a repository whose build is quick: its check is `check.sh`, and it passes.

    Its templates, functions, jobs and package are those of `origin`.
    """
    folder.mkdir()
    for name in _FILES:
        shutil.copyfile(origin / name, folder / name)
    # A function's bundle has links into workflow/.
    for name in ("functions", "jobs", "workflow"):
        ignored = shutil.ignore_patterns("__pycache__", ".mypy_cache")
        shutil.copytree(origin / name, folder / name, symlinks=True, ignore=ignored)
    made = Repository(folder)
    makefile = (PROJECT_DIR / "Makefile").read_text(encoding="utf-8")
    makefile, count = _SUITE.subn(lambda _: _QUICK_SUITE, makefile)
    assert count == 1
    made.write("Makefile", makefile)
    made.write("check.sh", "echo all is well\n")
    # What make asks for, though the environments are there.
    (folder / "requirements").mkdir()
    for name in ("project.txt", "sam.txt", "uv.txt"):
        made.write(f"requirements/{name}", "")
    made.write("pyproject.toml", "")
    _git(folder, "init", "--quiet", "--initial-branch", "main")
    _git(folder, "config", "user.name", "someone")
    _git(folder, "config", "user.email", "someone@example.com")
    made.commit("The first version")
    return made


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


class Seen:
    """A view that keeps what it was shown."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.rows: list[ActionRow] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def ask(self, text: str) -> None:
        self.notes.append(text)

    def show(self, rows: Sequence[ActionRow]) -> None:
        self.rows = list(rows)

    def statuses(self) -> dict[str, str]:
        """Return the status of each action, by stage and name."""
        return {f"{row.stage}/{row.action}": row.status for row in self.rows}
