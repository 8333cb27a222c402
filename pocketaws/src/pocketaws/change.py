"""One change of moto: an attribute of a class or a module, and what it becomes."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

_MISSING = object()


class Change(NamedTuple):
    """`target.name` becomes `value`.

    Attributes:
        adds: whether moto has no such attribute. Both ways are checked, so that a method that a
            newer moto renames, or begins to have, is noticed at the first start.
    """

    target: Any
    name: str
    value: Any
    adds: bool = False

    def made(self) -> "Change":
        """Make the change and return the one that takes it back.

        Raises:
            AttributeError: moto lacks what is to be replaced, or has what is to be added.
        """
        if hasattr(self.target, self.name) is self.adds:
            has = "has" if self.adds else "lacks"
            what = "added" if self.adds else "replaced"
            raise AttributeError(
                f"{self.target} {has} the attribute {self.name!r} that is to be {what}; the "
                "installed moto is not the one that this was written for"
            )
        before = vars(self.target).get(self.name, _MISSING)
        setattr(self.target, self.name, self.value)
        return Change(self.target, self.name, before)

    def taken_back(self) -> None:
        """Put back what `made` returned."""
        if self.value is _MISSING:
            delattr(self.target, self.name)
        else:
            setattr(self.target, self.name, self.value)


def made(changes: Sequence[Change]) -> list[Change]:
    """Make all changes and return those that take them back, in the same order.

    Raises:
        AttributeError: see `Change.made`; or two change one attribute, of which the second would
            have been made of what was there before the first.
    """
    places = Counter((id(change.target), change.name) for change in changes)
    for change in changes:
        if places[id(change.target), change.name] > 1:
            raise AttributeError(f"{change.target}.{change.name} is changed twice; join the two")
    return [change.made() for change in changes]
