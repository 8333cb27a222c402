"""What a role's policies grant without need, or lack: pure, by the rules that enforce them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pocketaws.iam.policies import Access, Statement, decide
from tests.functional.permissions.granted import Role
from tests.functional.permissions.needed import Needed

ASSUME: Final = "sts:AssumeRole"


@dataclass(frozen=True)
class Sourced:
    """An access that only AWS makes, and the entry that says so."""

    access: Access
    entry: Needed


@dataclass(frozen=True)
class Held:
    """A role of one stack, held against what it needs there.

    Attributes:
        role: with its statements.
        used: what the run asked for, and the local runtime decided; assuming the role, too, whose
            resource is the service.
        needed: what needed.toml says.
    """

    role: Role
    used: tuple[Access, ...]
    needed: tuple[Sourced, ...]

    @property
    def accesses(self) -> tuple[Access, ...]:
        """All that its policies must allow."""
        every = (*self.used, *(item.access for item in self.needed))
        return tuple(access for access in every if not is_trust(access))

    def denied(self) -> list[Access]:
        """Return what is needed and not granted."""
        statements = self.role.statements
        return [access for access in self.accesses if not decide(statements, access).allowed]

    def missed(self, statement: Statement) -> list[Access]:
        """Return what is denied without a statement."""
        if statement in self.role.trust:
            every = (*self.used, *(item.access for item in self.needed))
            return [
                access
                for access in every
                if is_trust(access) and access.resource in statement.principals
            ]
        return self._missed(statement, None)

    def unused_actions(self, statement: Statement) -> list[str]:
        """Return the actions of a statement that nothing would miss."""
        return [
            action
            for action in statement.actions
            if not self._missed(
                statement, replace(statement, actions=_without(statement.actions, action))
            )
        ]

    def unused_resources(self, statement: Statement) -> list[str]:
        """Return the resources of a statement that nothing would miss."""
        return [
            resource
            for resource in statement.resources
            if not self._missed(
                statement, replace(statement, resources=_without(statement.resources, resource))
            )
        ]

    def unused_values(self, statement: Statement) -> list[str]:
        """Return the values of a statement's conditions that nothing would miss, among several."""
        return [
            f"{key} {value}"
            for operator, by_key in statement.conditions.items()
            for key, values in by_key.items()
            if isinstance(values, list) and len(values) > 1
            for value in values
            if not self._missed(
                statement,
                replace(
                    statement,
                    conditions={
                        **statement.conditions,
                        operator: {**by_key, key: [one for one in values if one != value]},
                    },
                ),
            )
        ]

    def _missed(self, statement: Statement, instead: Statement | None) -> list[Access]:
        rest = [other for other in self.role.statements if other is not statement]
        statements = rest if instead is None else [*rest, instead]
        # Only what the statement allows can be missed.
        return [
            access
            for access in self.accesses
            if statement.applies_to(access) and not decide(statements, access).allowed
        ]


def is_trust(access: Access) -> bool:
    """Tell whether an access is that of a service that assumes the role itself."""
    return access.action == ASSUME and not access.resource.startswith("arn:")


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def of_role(held: Sequence[Held], template: str, name: str) -> list[Held]:
    """Return a role in all the stacks of its template."""
    return [item for item in held if item.role.key == (template, name)]


def unused(held: Sequence[Held]) -> Iterator[tuple[str, str, str, str]]:
    """Yield template, role, statement and what of it no stack would miss."""
    for template, name in sorted({item.role.key for item in held}):
        stacks = of_role(held, template, name)
        sids = dict.fromkeys(statement.sid for item in stacks for statement in item.role.statements)
        for sid in sids:
            for text in unused_of(stacks, sid):
                yield template, name, sid, text


def statements_of_sid(stacks: Sequence[Held], sid: str) -> list[tuple[Held, Statement]]:
    """Return the statements of a name, of one role in all the stacks of its template."""
    return [
        (item, statement)
        for item in stacks
        for statement in item.role.statements
        if statement.sid == sid
    ]


def unused_of(stacks: Sequence[Held], sid: str) -> Iterator[str]:
    """Yield what no stack would miss of the statements of a name."""
    found = statements_of_sid(stacks, sid)
    if not any(item.missed(statement) for item, statement in found):
        yield "the whole statement"
        return
    yield from _in_all([item.unused_actions(statement) for item, statement in found])
    yield from _in_all([item.unused_values(statement) for item, statement in found])
    # Resources differ by stack: one that is unused in each by its place in the list.
    places = [
        [statement.resources.index(resource) for resource in item.unused_resources(statement)]
        for item, statement in found
        if item.missed(statement)
    ]
    longest = max((statement.resources for _, statement in found), key=len)
    yield from (longest[place] for place in _in_all(places))


def _in_all(findings: Sequence[Sequence[Any]]) -> list[Any]:
    return sorted(set.intersection(*map(set, findings)))
