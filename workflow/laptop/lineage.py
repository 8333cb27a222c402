"""Which commit the working tree stands at, for the model registry's lineage."""

import subprocess
from pathlib import Path
from typing import Final

UNKNOWN: Final = "unknown"
_PROJECT_DIR: Final = Path(__file__).parents[2]
_SECONDS: Final = 5


def git_commit() -> str:
    """Return the commit's hash, with `-dirty` where files differ from it; `unknown` outside git."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"],  # noqa: S607 - the user's own git
            cwd=_PROJECT_DIR,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return described.stdout.strip() or UNKNOWN
