"""What is said against entries of needed*.toml: they apply nowhere, or a run asks for the same."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.functional.permissions.findings import Held, is_trust, unused_of
from tests.functional.permissions.needed import Needed


def unnecessary(entries: Sequence[Needed], held: Sequence[Held]) -> Iterator[str]:
    """Yield what is said against entries, in words.

    An entry has to change, for each of its roles and actions, what is granted without need.
    """
    for entry in entries:
        place = f"needed.toml, entry {entry.label}"
        for name in entry.roles:
            stacks = [item for item in held if item.role.name == name and _of(entry, item)]
            if not stacks:
                yield f"{place}: {name} is in no stack that has what the entry names"
            else:
                for action in entry.actions:
                    if not _matters(entry, action, stacks):
                        yield f"{place}: without it {action} of {name} is missed as well"


def _of(entry: Needed, held: Held) -> bool:
    return any(item.entry is entry for item in held.needed)


def _matters(entry: Needed, action: str, stacks: Sequence[Held]) -> bool:
    removed = [
        item.access
        for held in stacks
        for item in held.needed
        if item.entry is entry and item.access.action == action
    ]
    if all(is_trust(access) for access in removed):
        return not any(access in held.used for held in stacks for access in removed)
    sids = {
        statement.sid
        for held in stacks
        for statement in held.role.statements
        if any(statement.applies_to(access) for access in removed)
    }
    without = [
        replace(
            held,
            needed=tuple(
                item
                for item in held.needed
                if item.entry is not entry or item.access.action != action
            ),
        )
        for held in stacks
    ]
    return any(list(unused_of(stacks, sid)) != list(unused_of(without, sid)) for sid in sids)
