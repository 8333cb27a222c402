"""Read needed*.toml: the accesses that only AWS makes in a role's name, and where AWS says so."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws.iam.policies import Access

NEEDED_PATHS: Final = tuple(
    Path(__file__).with_name(name) for name in ("needed.toml", "needed_pipeline.toml")
)
_OPTIONAL: Final = {"context", "given", "unless"}
_FIELDS: Final = {"template", "roles", "actions", "resources", "reason", "source", *_OPTIONAL}
_LISTS: Final = ("roles", "actions", "resources")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)(\.name)?\}")


class NeededFileError(Exception):
    """An entry of a file is not what it has to be."""


@dataclass(frozen=True)
class Needed:
    """One entry: each of its actions on each of its resources, for each of its roles.

    Attributes:
        label: its number in its file, after the file's own name.
        resources: with placeholders for what a stack has: the parameters that it was given, the
            physical ids of its resources, `region`, `account` and `stack`, and `own_log_group`, the
            group of the role's function. `.name` stands for what follows the last slash.
        given: parameters of the stack without which nothing needs it.
        source: where AWS says that it is needed.
        unless: a parameter of the template; where a stack has it, nothing is needed.
    """

    label: str
    template: str
    roles: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: tuple[tuple[str, str], ...]
    given: tuple[str, ...]
    reason: str
    source: str
    unless: str = ""

    def accesses(self, values: Mapping[str, str]) -> Iterator[Access]:
        """Yield the accesses in a stack; none where the stack lacks what a resource names."""
        if self.unless in values:
            return
        for pattern in self.resources:
            named = {match[1] for match in _PLACEHOLDER.finditer(pattern)}
            if {*named, *self.given} <= values.keys():
                resource = _PLACEHOLDER.sub(lambda match: _value(match, values), pattern)
                yield from (Access(action, resource, self.context) for action in self.actions)


def _value(match: re.Match[str], values: Mapping[str, str]) -> str:
    value = values[match[1]]
    return value.rpartition("/")[2] if match[2] else value


def needed_accesses(*paths: Path) -> list[Needed]:
    """Return the entries of files; without any, of this folder's.

    Raises:
        NeededFileError: a field is missing, unknown or of another type.
    """
    return [
        _entry(path, number, entry)
        for path in paths or NEEDED_PATHS
        for number, entry in enumerate(_entries(path), start=1)
    ]


def _entries(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8")).get("needed", [])
    return found


def _entry(path: Path, number: int, entry: Mapping[str, Any]) -> Needed:
    place = f"{path.name}: [[needed]] number {number}"
    wrong = sorted((entry.keys() | _OPTIONAL) ^ _FIELDS)
    if wrong:
        raise NeededFileError(f"{place}: {wrong} is missing or unknown")
    for name in _LISTS:
        if not isinstance(entry[name], list) or not entry[name]:
            raise NeededFileError(f"{place}: {name} must be a list of texts, not {entry[name]!r}")
    if not str(entry["reason"]).strip():
        raise NeededFileError(f"{place}: reason is empty; say what needs it")
    if not str(entry["source"]).startswith("https://"):
        raise NeededFileError(f"{place}: source must be a page's address, not {entry['source']!r}")
    return Needed(
        label=f"{path.stem.removeprefix('needed').lstrip('_')} {number}".strip(),
        template=entry["template"],
        roles=tuple(entry["roles"]),
        actions=tuple(entry["actions"]),
        resources=tuple(entry["resources"]),
        context=tuple(sorted(entry.get("context", {}).items())),
        given=tuple(entry.get("given", [])),
        reason=entry["reason"],
        source=entry["source"],
        unless=entry.get("unless", ""),
    )
