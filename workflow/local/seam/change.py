"""One change of moto: an attribute of a class or a module, and what it becomes."""

from typing import Any, NamedTuple

_MISSING = object()


class Change(NamedTuple):
    """`target.name` becomes `value`."""

    target: Any
    name: str
    value: Any

    def made(self) -> "Change":
        """Make the change and return the one that takes it back."""
        before = vars(self.target).get(self.name, _MISSING)
        setattr(self.target, self.name, self.value)
        return Change(self.target, self.name, before)

    def taken_back(self) -> None:
        """Put back what `made` returned."""
        if self.value is _MISSING:
            delattr(self.target, self.name)
        else:
            setattr(self.target, self.name, self.value)
