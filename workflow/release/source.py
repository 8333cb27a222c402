"""The Source action: the commit at which the user's repository stands, without later changes."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.errors import WorkflowError
from workflow.release.artifacts import Artifact, Clone
from workflow.release.execution import ActionResult, Task

_FORMAT: Final = "%H%n%aI%n%s"
_ZIPPED: Final = "S3"


@dataclass(frozen=True)
class Commit:
    """What is released.

    Attributes:
        author_date: ISO 8601.
        message: its first line.
        branch: the one that is checked out; "HEAD" where none is.
        changed: how many files of the working tree differ from it.
    """

    repository: Path
    commit_id: str
    author_date: str
    message: str
    branch: str
    changed: int


def head_of(repository: Path) -> Commit:
    """Return the commit that a repository's working tree stands at.

    Raises:
        WorkflowError: it is not a repository's top folder, or has no commit yet.
    """
    top = Path(_git(repository, "rev-parse", "--show-toplevel"))
    if top != repository.resolve():
        raise WorkflowError(f"--source {repository}: is not a repository's own folder; give {top}")
    commit_id, author_date, message = _git(repository, "log", "-1", f"--format={_FORMAT}").split(
        "\n", 2
    )
    return Commit(
        repository=top,
        commit_id=commit_id,
        author_date=author_date,
        message=message,
        branch=_git(repository, "rev-parse", "--abbrev-ref", "HEAD"),
        changed=len(_git(repository, "status", "--porcelain").splitlines()),
    )


def clone(reference: Clone, folder: Path) -> None:
    """Check the commit out into a new folder, with its history and its symbolic links."""
    _git(reference.repository, "clone", "--quiet", "--no-checkout", ".", str(folder))
    _git(folder, "checkout", "--quiet", "--detach", reference.commit)


@dataclass(frozen=True)
class Source:
    """Performs Source actions: whichever provider is asked, the commit is the same.

    Attributes:
        artifacts_dir: takes a zip file, where the provider makes one.
    """

    commit: Commit
    artifacts_dir: Path

    def __call__(self, task: Task) -> ActionResult:
        """Hand the commit over as the provider would."""
        action = task.action
        (name,) = action.outputs
        is_zipped = action.provider == _ZIPPED
        content = self._zip(name) if is_zipped else self._clone()
        return ActionResult(
            f"{self.commit.commit_id[:12]} {self.commit.message}",
            _zip_variables(self.commit, action.configuration)
            if is_zipped
            else _git_variables(self.commit, action.configuration),
            {name: Artifact(name, content)},
        )

    def _clone(self) -> Clone:
        return Clone(self.commit.repository, self.commit.commit_id)

    def _zip(self, name: str) -> Path:
        path = self.artifacts_dir / f"{name}.zip"
        arguments = ("archive", "--format=zip", f"--output={path}", self.commit.commit_id)
        _git(self.commit.repository, *arguments)
        return path


def _git_variables(commit: Commit, configuration: Mapping[str, str]) -> dict[str, str]:
    names = {"FullRepositoryId": "FullRepositoryName", "RepositoryName": "RepositoryName"}
    own = {names[key]: value for key, value in configuration.items() if key in names}
    return own | {
        "AuthorDate": commit.author_date,
        "BranchName": configuration["BranchName"],
        "CommitId": commit.commit_id,
        "CommitMessage": commit.message,
    }


def _zip_variables(commit: Commit, configuration: Mapping[str, str]) -> dict[str, str]:
    return {
        "BucketName": configuration["S3Bucket"],
        "ETag": commit.commit_id,
        "ObjectKey": configuration["S3ObjectKey"],
        "VersionId": commit.commit_id,
    }


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - arguments are ours
            ["git", *arguments],  # noqa: S607 - the user's own git
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    except OSError as error:
        raise WorkflowError(
            f"git in {folder}: {error.strerror}; install git, or give --source"
        ) from error
    except subprocess.CalledProcessError as error:
        text = " ".join(error.stderr.split())
        raise WorkflowError(
            f"git {arguments[0]} in {folder} failed: {text}; --source must be a repository "
            "with a commit"
        ) from error
    return done.stdout.strip()
