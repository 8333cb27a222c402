"""`python -m regions lint` and `python -m regions matrix`."""

import subprocess
import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from regions.matrix import write_into
from regions.templates import NAMES, PROJECT_DIR, indistinguishable, mapped_regions, seen

_DOCUMENT: Final = PROJECT_DIR / "docs" / "deploy.md"


def main() -> int:
    """Return the exit code: what cfn-lint found, or 0."""
    parser = ArgumentParser(prog="python -m regions", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    lint = commands.add_parser("lint", help="run cfn-lint over every region that is mapped")
    lint.add_argument(
        "--each",
        action="store_true",
        help="every region by itself, also those that look the same to a template",
    )
    commands.add_parser("matrix", help="write the table of regions into docs/deploy.md")
    arguments = parser.parse_args()
    if arguments.command == "matrix":
        write_into(_DOCUMENT)
        return 0
    # A process for each template, since cfn-lint uses one core.
    with ThreadPoolExecutor() as pool:
        return max(pool.map(lambda name: _linted(name, each=arguments.each), NAMES))


def _linted(name: str, *, each: bool) -> int:
    regions = [region for region in mapped_regions() if not seen(name, region).refusals]
    groups = [[region] for region in regions] if each else indistinguishable(name, regions)
    print(f"{name}: {len(regions)} regions in {len(groups)} groups", flush=True)
    chosen = [group[0] for group in groups]
    program = Path(sys.executable).with_name("cfn-lint")
    if not each:
        return _run([str(program), "--regions", *chosen, "--", name])
    return max([_run([str(program), "--regions", region, "--", name]) for region in chosen])


def _run(command: list[str]) -> int:
    # cfn-lint of this environment, on this project's files.
    return subprocess.run(command, check=False, cwd=PROJECT_DIR).returncode  # noqa: S603


sys.exit(main())
