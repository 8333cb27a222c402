"""axe-core, which says what of a page people with assistive technology cannot use.

It is installed from npm's registry into a folder of the tests' own; where that cannot be reached
the tests that ask are skipped.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

_VERSION: Final = "4.14.1"
_SECONDS: Final = 120
_SERIOUS: Final = ("serious", "critical")


def installed(folder: Path) -> str:
    """Return the script, installed into a folder."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not here")
    (folder / "package.json").write_text(json.dumps({"name": "judges", "private": True}))
    options = ("--no-audit", "--no-fund", "--ignore-scripts")
    done = subprocess.run(
        [npm, "install", *options, f"axe-core@{_VERSION}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"axe-core cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def serious(page: Any, script: str) -> list[str]:
    """Return each serious violation of a page, with the first element that has it."""
    # As the browser's own tools do it: a page's policy holds for the page's scripts.
    page.evaluate(script)
    passed, violations = page.evaluate(
        "axe.run(document).then((told) => [told.passes.length, told.violations])"
    )
    assert passed
    return [
        f"{item['id']}: {item['help']}: {item['nodes'][0]['html'][:200]}"
        for item in violations
        if item["impact"] in _SERIOUS
    ]
