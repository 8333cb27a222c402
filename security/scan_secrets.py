"""Look for secrets in every file of the project: `python -m security.scan_secrets`.

Nothing that looks like a secret is printed or sent anywhere: a finding is named by its place, and
detect-secrets' check of found keys against their services is off.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from security.accepted import FalseSecret, false_secrets

PROJECT_DIR: Final = Path(__file__).parents[1]
# What a folder without git may hold besides the project's own files; see .gitignore.
_FOREIGN_FOLDERS: Final = re.compile(
    r"\.venv.*|.*_cache|__pycache__|.*\.egg-info|\.aws-sam|\.git|\.hypothesis|\.workflow"
    r"|packaged|reports|runs"
)


class SecretScanError(Exception):
    """detect-secrets did not do its work."""


@dataclass(frozen=True)
class Finding:
    """A line that looks like a secret: its place, its text, and which detector says so."""

    path: str
    line_number: int
    line: str
    detector: str


def main() -> int:
    """Print what looks like a secret and what is accepted in vain; return 1 if there is any."""
    files = project_files(PROJECT_DIR)
    found = scan(PROJECT_DIR, files, bin_dir=Path(sys.executable).parent)
    problems = complaints(found, false_secrets())
    for problem in problems:
        print(problem)
    print(f"secrets: {len(files)} files, {len(found)} findings, {len(problems)} problems")
    return 1 if problems else 0


def project_files(folder: Path) -> list[str]:
    """Return the paths of all files, relative and with forward slashes.

    They are git's own and those that it would take. Where there is no git, as in a pipeline's ZIP
    file, they are all that no tool has made.
    """
    if (folder / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True)  # noqa: S603 - the user's own git
        names = listed.stdout.decode().split("\0")
    else:
        names = _walk(folder)
    # A link to a folder is listed like a file; what it leads to is listed itself.
    return sorted({name for name in names if (folder / name).is_file()})


def scan(folder: Path, files: Sequence[str], *, bin_dir: Path) -> list[Finding]:
    """Run every detector over the files, without leave for lines that mark themselves as harmless.

    Raises:
        SecretScanError: detect-secrets failed; what it said is in the text.
    """
    command = [str(bin_dir / "detect-secrets"), "scan", "--no-verify", "--disable-filter"]
    command += ["detect_secrets.filters.allowlist.is_line_allowlisted", *files]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own environment's
    if ended.returncode != 0:
        raise SecretScanError(f"detect-secrets ended with {ended.returncode}: {ended.stderr}")
    return [
        Finding(
            path=Path(path).as_posix(),
            line_number=secret["line_number"],
            line=_line(folder / path, secret["line_number"]),
            detector=secret["type"],
        )
        for path, secrets in json.loads(ended.stdout)["results"].items()
        for secret in secrets
    ]


def complaints(found: Iterable[Finding], accepted: Sequence[FalseSecret]) -> list[str]:
    """Return what is not accepted, and what is accepted and was not found, in words."""
    used: set[FalseSecret] = set()
    problems = []
    for finding in found:
        fitting = [it for it in accepted if it.fits(finding.detector, finding.path, finding.line)]
        used.update(fitting)
        if not fitting:
            problems.append(
                f"{finding.path}:{finding.line_number}: {finding.detector}. A secret: take it out"
                " and revoke it, history keeps it. No secret: say why in security/accepted.toml"
            )
    problems += [
        f"security/accepted.toml: [[false_alarm]] {it.detector!r} in {it.path_pattern!r} accepts"
        " nothing; take it out"
        for it in accepted
        if it not in used
    ]
    return problems


def _walk(folder: Path) -> list[str]:
    names = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _FOREIGN_FOLDERS.fullmatch(name)]
        names += [(Path(parent) / name).relative_to(folder).as_posix() for name in files]
    return names


def _line(path: Path, number: int) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[number - 1] if number <= len(lines) else ""


if __name__ == "__main__":
    sys.exit(main())
