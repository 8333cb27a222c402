"""What the run and needed.toml say about every statement: rows that can be printed and stored."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from pocketaws.iam.policies import Access, Statement
from tests.functional.permissions.findings import (
    Held,
    of_role,
    statements_of_sid,
    unused_of,
)

# A role's trust policy has one statement, which needs no name.
TRUST: Final = "trust"
RUN: Final = "run"


@dataclass(frozen=True)
class Row:
    """A statement of a role, in all the stacks of the role's template.

    Attributes:
        missed: what is denied without it.
        needed_by: "run", and the labels of entries of needed*.toml.
        unused: actions, resources and values of conditions that nothing would miss.
    """

    template: str
    role: str
    sid: str
    missed: tuple[str, ...]
    needed_by: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What the statement is known by."""
        return self.template, self.role, self.sid


@dataclass(frozen=True)
class Report:
    """What there is to say about all roles.

    Attributes:
        lacking: what roles need and are not granted.
        unnecessary: what is said against entries of needed.toml.
    """

    rows: tuple[Row, ...]
    lacking: tuple[str, ...]
    unnecessary: tuple[str, ...]

    @property
    def problems(self) -> list[str]:
        """All that should not be, in words."""
        unused = [
            f"{' '.join(row.key)}: granted without need: {text}"
            for row in self.rows
            for text in row.unused
        ]
        return [*self.lacking, *unused, *self.unnecessary]

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def read_report(path: Path) -> Report:
    """Return a report that was written."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        Row(
            row["template"],
            row["role"],
            row["sid"],
            missed=tuple(row["missed"]),
            needed_by=tuple(row["needed_by"]),
            unused=tuple(row["unused"]),
        )
        for row in stored["rows"]
    ]
    return Report(tuple(rows), tuple(stored["lacking"]), tuple(stored["unnecessary"]))


def rows_of(held: Sequence[Held]) -> Iterator[Row]:
    """Yield a row for each statement of each role."""
    for template, name in sorted({item.role.key for item in held}):
        stacks = of_role(held, template, name)
        trust = [(item, statement) for item in stacks for statement in item.role.trust]
        yield _row(TRUST, trust, [] if _missed(trust) else ["the whole statement"])
        sids = dict.fromkeys(statement.sid for item in stacks for statement in item.role.statements)
        for sid in sids:
            yield _row(sid, statements_of_sid(stacks, sid), list(unused_of(stacks, sid)))


def _row(sid: str, found: Sequence[tuple[Held, Statement]], unused: Sequence[str]) -> Row:
    template, name = found[0][0].role.key
    missed = _missed(found)
    return Row(
        template,
        name,
        sid,
        missed=tuple(dict.fromkeys(text_of(access) for _, access in missed)),
        needed_by=tuple(dict.fromkeys(by for item, access in missed for by in _by(item, access))),
        unused=tuple(unused),
    )


def _missed(found: Sequence[tuple[Held, Statement]]) -> list[tuple[Held, Access]]:
    return [(item, access) for item, statement in found for access in item.missed(statement)]


def _by(held: Held, access: Access) -> Iterator[str]:
    if access in held.used:
        yield RUN
    yield from (item.entry.label for item in held.needed if item.access == access)


def text_of(access: Access) -> str:
    """Return an access in words."""
    context = "".join(f" with {key} {value}" for key, value in access.context)
    return f"{access.action} on {access.resource}{context}"
