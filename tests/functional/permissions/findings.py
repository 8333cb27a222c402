"""What a role's policies grant without need, or lack: pure, by the rules that enforce them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tests.functional.permissions.granted import Role
from workflow.local.iam.policies import Access, Statement, decide

ASSUME = "sts:AssumeRole"


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
    needed: tuple[Access, ...]

    @property
    def accesses(self) -> tuple[Access, ...]:
        """All that its policies must allow."""
        return tuple(access for access in (*self.used, *self.needed) if not _is_trust(access))

    def denied(self) -> list[Access]:
        """Return what is needed and not granted."""
        statements = self.role.statements
        return [access for access in self.accesses if not decide(statements, access).allowed]

    def misses(self, statement: Statement) -> bool:
        """Tell whether anything is denied without a statement."""
        if statement in self.role.trust:
            every = (*self.used, *self.needed)
            assumed = {access.resource for access in every if _is_trust(access)}
            return bool(assumed & set(statement.principals))
        return self._misses_any(statement, None)

    def unused_actions(self, statement: Statement) -> list[str]:
        """Return the actions of a statement that nothing would miss."""
        return [
            action
            for action in statement.actions
            if not self._misses_any(
                statement, replace(statement, actions=_without(statement.actions, action))
            )
        ]

    def unused_resources(self, statement: Statement) -> list[str]:
        """Return the resources of a statement that nothing would miss."""
        return [
            resource
            for resource in statement.resources
            if not self._misses_any(
                statement, replace(statement, resources=_without(statement.resources, resource))
            )
        ]

    def _misses_any(self, statement: Statement, instead: Statement | None) -> bool:
        rest = [other for other in self.role.statements if other is not statement]
        statements = rest if instead is None else [*rest, instead]
        # Only what the statement allows can be missed.
        return any(
            not decide(statements, access).allowed
            for access in self.accesses
            if statement.applies_to(access)
        )


def _is_trust(access: Access) -> bool:
    """Tell whether an access is that of a service that assumes the role itself."""
    return access.action == ASSUME and not access.resource.startswith("arn:")


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def of_role(held: Sequence[Held], template: str, name: str) -> list[Held]:
    """Return a role in all the stacks of its template."""
    return [item for item in held if item.role.key == (template, name)]


def unused(held: Sequence[Held]) -> Iterator[tuple[str, str, str, str]]:
    """Yield template, role, statement and what of it no stack would miss."""
    keys = sorted({item.role.key for item in held})
    for template, name in keys:
        stacks = of_role(held, template, name)
        sids = dict.fromkeys(statement.sid for item in stacks for statement in item.role.statements)
        for sid in sids:
            for text in _unused_of(stacks, sid):
                yield template, name, sid, text


def _unused_of(stacks: Sequence[Held], sid: str) -> Iterator[str]:
    found = [
        (item, statement)
        for item in stacks
        for statement in item.role.statements
        if statement.sid == sid
    ]
    if not any(item.misses(statement) for item, statement in found):
        yield "the whole statement"
        return
    per_stack = [set(item.unused_actions(statement)) for item, statement in found]
    yield from sorted(set.intersection(*per_stack))
    # Resources differ by stack: one that is unused in each by its place in the list.
    places = [
        {statement.resources.index(resource) for resource in item.unused_resources(statement)}
        for item, statement in found
        if item.misses(statement)
    ]
    for place in sorted(set.intersection(*places) if places else set()):
        yield next(
            itertools.chain.from_iterable(
                [statement.resources[place]]
                for _, statement in found
                if len(statement.resources) > place
            )
        )
