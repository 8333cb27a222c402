"""What passes between actions: zip files, as in CodePipeline's bucket.

https://docs.aws.amazon.com/codepipeline/latest/userguide/welcome-introducing-artifacts.html
"""

import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.errors import WorkflowError

# A zip's times begin here; a fixed one keeps the same files the same artifact.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MODE_SHIFT: Final = 16


@dataclass(frozen=True)
class Clone:
    """What CODEBUILD_CLONE_REF hands over: where to clone from, and which commit."""

    repository: Path
    commit: str


@dataclass(frozen=True)
class Artifact:
    """A named artifact: a zip file, or a reference for CodeBuild to clone."""

    name: str
    content: Path | Clone

    def unpack(self, folder: Path) -> None:
        """Extract the zip file into a folder; links in it become links again.

        Raises:
            WorkflowError: it is no zip file, or something in it leads out of the folder.
        """
        if isinstance(self.content, Clone):
            raise WorkflowError(
                f"artifact {self.name} is a reference that only CodeBuild reads "
                "(OutputArtifactFormat CODEBUILD_CLONE_REF); have CodeBuild pass on what it needs"
            )
        try:
            with zipfile.ZipFile(self.content) as archive:
                _extract(archive, folder)
        except (OSError, zipfile.BadZipFile) as error:
            raise WorkflowError(f"artifact {self.name}: {error}") from error


def zip_files(paths: Iterable[Path], base_dir: Path, zip_path: Path) -> None:
    """Write files into a zip file by their paths below a folder."""
    with zipfile.ZipFile(zip_path, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(paths):
            entry = zipfile.ZipInfo(path.relative_to(base_dir).as_posix(), _EPOCH)
            entry.external_attr = (path.stat().st_mode & 0xFFFF) << _MODE_SHIFT
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _extract(archive: zipfile.ZipFile, folder: Path) -> None:
    for entry in archive.infolist():
        mode = entry.external_attr >> _MODE_SHIFT
        if not stat.S_ISLNK(mode):
            path = Path(archive.extract(entry, folder))
            if mode and path.is_file():
                path.chmod(stat.S_IMODE(mode) | stat.S_IRUSR | stat.S_IWUSR)
    # Links last, so that nothing is written through one.
    for entry in archive.infolist():
        if stat.S_ISLNK(entry.external_attr >> _MODE_SHIFT):
            _link(folder, entry.filename, archive.read(entry).decode())


def _link(folder: Path, name: str, target: str) -> None:
    path = folder / name
    for end in (path.parent.resolve(), (path.parent / target).resolve()):
        if not end.is_relative_to(folder.resolve()):
            raise WorkflowError(f"the link {name} -> {target} leads out of the artifact")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
