"""Read needed.toml: the accesses that only AWS makes in a role's name, and where AWS says so."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workflow.local.iam.policies import Access

NEEDED_PATH: Final = Path(__file__).with_name("needed.toml")
_FIELDS: Final = {"template", "roles", "actions", "resources", "context", "reason", "source"}
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


class NeededFileError(Exception):
    """An entry of the file is not what it has to be."""


@dataclass(frozen=True)
class Needed:
    """One entry: each of its actions on each of its resources, for each of its roles.

    Attributes:
        resources: with placeholders for what a stack has: its parameters, the physical ids of its
            resources, and `region`, `account` and `stack`.
        source: where AWS says that it is needed.
        unless: a parameter of the template; where a stack has it, nothing is needed.
    """

    template: str
    roles: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    context: tuple[tuple[str, str], ...]
    reason: str
    source: str
    unless: str = ""

    def accesses(self, values: Mapping[str, str]) -> Iterator[Access]:
        """Yield the accesses in a stack; none where the stack lacks what a resource names."""
        if self.unless in values:
            return
        for pattern in self.resources:
            if set(_PLACEHOLDER.findall(pattern)) <= values.keys():
                resource = _PLACEHOLDER.sub(lambda match: values[match[1]], pattern)
                yield from (Access(action, resource, self.context) for action in self.actions)


def needed_accesses(path: Path = NEEDED_PATH) -> list[Needed]:
    """Return the file's entries.

    Raises:
        NeededFileError: a field is missing, unknown or of another type.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("needed", [])
    return [_entry(number, entry) for number, entry in enumerate(entries, start=1)]


def _entry(number: int, entry: Mapping[str, Any]) -> Needed:
    place = f"needed.toml: [[needed]] number {number}"
    wrong = sorted((entry.keys() ^ _FIELDS) - {"context", "unless"})
    if wrong:
        raise NeededFileError(f"{place}: {wrong} is missing or unknown")
    for name in ("reason", "source"):
        if not str(entry[name]).strip():
            raise NeededFileError(f"{place}: {name} is empty")
    return Needed(
        template=entry["template"],
        roles=tuple(entry["roles"]),
        actions=tuple(entry["actions"]),
        resources=tuple(entry["resources"]),
        context=tuple(sorted(entry.get("context", {}).items())),
        reason=entry["reason"],
        source=entry["source"],
        unless=entry.get("unless", ""),
    )
