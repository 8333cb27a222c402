"""Read accepted.toml: what a scanner reports and why it is accepted."""

import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

ACCEPTED_PATH: Final = Path(__file__).with_name("accepted.toml")


class AcceptedFileError(Exception):
    """An entry of the file is not what it has to be."""


@dataclass(frozen=True)
class AcceptedVulnerability:
    """A known vulnerability of a locked package, accepted up to and including a day."""

    vulnerability_id: str
    package: str
    expires: datetime.date
    reason: str


@dataclass(frozen=True)
class FalseSecret:
    """Lines that look like a secret to a detector and hold none."""

    detector: str
    path_pattern: str
    line_pattern: str
    reason: str

    def fits(self, detector: str, path: str, line: str) -> bool:
        """Return whether a finding is one of these; the path has forward slashes."""
        return (
            detector == self.detector
            and fnmatchcase(path, self.path_pattern)
            and re.search(self.line_pattern, line) is not None
        )


def accepted_vulnerabilities(path: Path = ACCEPTED_PATH) -> list[AcceptedVulnerability]:
    """Return the tables [[vulnerability]].

    Raises:
        AcceptedFileError: A field is missing, unknown or of another type.
    """
    return [
        AcceptedVulnerability(
            vulnerability_id=_text(entry, "id", place),
            package=_text(entry, "package", place),
            expires=_day(entry, place),
            reason=_text(entry, "reason", place),
        )
        for place, entry in _entries(path, "vulnerability", ("id", "package", "expires", "reason"))
    ]


def false_secrets(path: Path = ACCEPTED_PATH) -> list[FalseSecret]:
    """Return the tables [[false_alarm]].

    Raises:
        AcceptedFileError: A field is missing, unknown or of another type.
    """
    return [
        FalseSecret(
            detector=_text(entry, "type", place),
            path_pattern=_text(entry, "path", place),
            line_pattern=_pattern(entry, place),
            reason=_text(entry, "reason", place),
        )
        for place, entry in _entries(path, "false_alarm", ("type", "path", "line", "reason"))
    ]


def _entries(path: Path, kind: str, fields: Sequence[str]) -> list[tuple[str, Mapping[str, Any]]]:
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get(kind, [])
    found = []
    for number, entry in enumerate(entries, start=1):
        place = f"{path.name}: [[{kind}]] number {number}"
        if unknown := sorted(entry.keys() - set(fields)):
            raise AcceptedFileError(f"{place} has {unknown}; it takes {', '.join(fields)}")
        found.append((place, entry))
    return found


def _text(entry: Mapping[str, Any], field: str, place: str) -> str:
    value = entry.get(field)
    if not isinstance(value, str) or not value.strip():
        raise AcceptedFileError(f"{place}: {field} is {value!r}; it has to be a text")
    return value


def _day(entry: Mapping[str, Any], place: str) -> datetime.date:
    value = entry.get("expires")
    if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
        raise AcceptedFileError(f"{place}: expires is {value!r}; give a day such as 2027-01-31")
    return value


def _pattern(entry: Mapping[str, Any], place: str) -> str:
    value = _text(entry, "line", place) if "line" in entry else ""
    try:
        re.compile(value)
    except re.error as error:
        raise AcceptedFileError(
            f"{place}: line is {value!r}, no regular expression: {error}"
        ) from error
    return value
