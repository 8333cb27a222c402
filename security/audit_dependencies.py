"""Ask pip-audit about every locked package: `python -m security.audit_dependencies`.

The lock files hold versions for several Pythons and systems, of which pip-audit would ask about
this machine's only. So it gets every pin, without conditions.
"""

import argparse
import datetime
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from security.accepted import AcceptedVulnerability, accepted_vulnerabilities

PROJECT_DIR: Final = Path(__file__).parents[1]
LOCK_PATTERNS: Final = ("requirements/*.txt", "bench/peers/*.txt")
OSV_URL: Final = "https://api.osv.dev/v1/query"
_PIN: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


class NotAuditedError(Exception):
    """The service that knows vulnerabilities did not answer for every package."""


@dataclass(frozen=True, order=True)
class Pin:
    """A locked version of a package."""

    package: str
    version: str


@dataclass(frozen=True)
class Vulnerability:
    """What is known about a pin, under every name it has; versions that mend it may be none."""

    pin: Pin
    names: tuple[str, ...]
    fixed_in: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print known vulnerabilities and what is accepted in vain.

    Returns:
        0 when there are none, 1 when there are, 2 when the service did not answer.
    """
    parser = argparse.ArgumentParser(prog="python -m security.audit_dependencies")
    parser.add_argument(
        "--skip-unreachable",
        action="store_true",
        help="end with 0 where the service that knows vulnerabilities cannot be reached",
    )
    parser.add_argument(
        "--osv-url",
        default=OSV_URL,
        help="where OSV's interface is; a mirror's, say (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    locked = pins(path.read_text(encoding="utf-8") for path in lock_files(PROJECT_DIR))
    try:
        found = audit(locked, bin_dir=Path(sys.executable).parent, osv_url=options.osv_url)
    except NotAuditedError as error:
        print(f"audit: NOT DONE, nothing is known about {len(locked)} locked packages: {error}")
        return 0 if options.skip_unreachable else 2
    # The day's boundary is UTC's, wherever CI runs.
    today = datetime.datetime.now(datetime.UTC).date()
    problems = complaints(found, accepted_vulnerabilities(), today=today)
    for problem in problems:
        print(problem)
    print(f"audit: {len(locked)} locked packages, {len(found)} findings, {len(problems)} problems")
    return 1 if problems else 0


def lock_files(folder: Path) -> list[Path]:
    """Return the paths of all lock files of the project."""
    return sorted(path for pattern in LOCK_PATTERNS for path in folder.glob(pattern))


def pins(lock_texts: Iterable[str]) -> list[Pin]:
    """Return every pin of the lock files once, for whichever Python and system it is."""
    return sorted({Pin(*pair) for text in lock_texts for pair in _PIN.findall(text)})


def audit(locked: Sequence[Pin], *, bin_dir: Path, osv_url: str) -> list[Vulnerability]:
    """Return what OSV knows about the pins; one request for each, with its name and version.

    Raises:
        NotAuditedError: The service did not answer for every pin.
    """
    report: list[Mapping[str, Any]] = []
    for group in _without_twins(locked):
        report += _asked(group, bin_dir=bin_dir, osv_url=osv_url)
    return answers(report, locked)


def complaints(
    found: Sequence[Vulnerability],
    accepted: Sequence[AcceptedVulnerability],
    *,
    today: datetime.date,
) -> list[str]:
    """Return what is not accepted, or no more, and what is accepted and was not found."""
    valid = [it for it in accepted if it.expires >= today]
    problems = [
        f"{it.pin.package} {it.pin.version}: {', '.join(it.names)};"
        f" mended in {', '.join(it.fixed_in) or 'no version'}. `make lock`, or accept it with a"
        " reason and a day in security/accepted.toml"
        for it in found
        if not any(_fits(entry, it) for entry in valid)
    ]
    for entry in accepted:
        place = f"security/accepted.toml: {entry.vulnerability_id} of {entry.package}"
        if entry.expires < today:
            problems.append(f"{place} was accepted until {entry.expires}; look at it again")
        elif not any(_fits(entry, it) for it in found):
            problems.append(f"{place} accepts nothing; take it out")
    return problems


def _fits(entry: AcceptedVulnerability, found: Vulnerability) -> bool:
    return entry.package == found.pin.package and entry.vulnerability_id in found.names


def answers(
    dependencies: Sequence[Mapping[str, Any]], locked: Sequence[Pin]
) -> list[Vulnerability]:
    """Return the vulnerabilities of pip-audit's report, if it answers for every pin.

    Raises:
        NotAuditedError: A pin was skipped or left out: no finding is then no good news.
    """
    answered = {
        Pin(item["name"], item["version"]): item["vulns"]
        for item in dependencies
        if "vulns" in item
    }
    missing = [pin for pin in locked if pin not in answered]
    if missing:
        first = missing[0]
        raise NotAuditedError(
            f"no answer for {len(missing)} of {len(locked)}, {first.package} {first.version} first"
        )
    return [
        Vulnerability(
            pin,
            names=(item["id"], *item.get("aliases", ())),
            fixed_in=tuple(item["fix_versions"]),
        )
        for pin, items in answered.items()
        for item in items
    ]


def _asked(locked: Sequence[Pin], *, bin_dir: Path, osv_url: str) -> list[Mapping[str, Any]]:
    command = [str(bin_dir / "pip-audit"), "--no-deps", "--disable-pip"]
    command += ["--vulnerability-service", "osv", "--osv-url", osv_url]
    command += ["--format", "json", "--aliases", "on", "--progress-spinner", "off"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pins.txt"
        path.write_text("".join(f"{pin.package}=={pin.version}\n" for pin in locked))
        command += ["--requirement", str(path)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own environment's
    try:
        return list(json.loads(ended.stdout)["dependencies"])
    except (ValueError, KeyError) as error:
        last = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise NotAuditedError(f"pip-audit ended with {ended.returncode}: {last}") from error


def _without_twins(locked: Sequence[Pin]) -> list[list[Pin]]:
    """Spread the pins over lists in which no package stands twice, which pip-audit refuses."""
    lists: list[dict[str, Pin]] = []
    for pin in locked:
        for one in lists:
            if pin.package not in one:
                one[pin.package] = pin
                break
        else:
            lists.append({pin.package: pin})
    return [list(one.values()) for one in lists]


if __name__ == "__main__":
    sys.exit(main())
