"""The steps of a JSONPath, and what they find."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from pocketaws.step_functions.engine import path_functions


class PathSyntaxError(ValueError):
    """A text is no JSONPath."""


class NoMatch(LookupError):  # noqa: N818 - it is an outcome
    """A path that must find one value finds none; the text says where it ends."""


class Member(NamedTuple):
    """The members of an object by their names."""

    names: tuple[str, ...]

    def of(self, value: Any) -> Iterator[Any]:
        """Yield them."""
        if isinstance(value, dict):
            yield from (value[name] for name in self.names if name in value)


class Index(NamedTuple):
    """The items of a list by their places, from the end where negative."""

    places: tuple[int, ...]

    def of(self, value: Any) -> Iterator[Any]:
        """Yield them."""
        if isinstance(value, list):
            size = len(value)
            yield from (value[place] for place in self.places if -size <= place < size)


class Slice(NamedTuple):
    """The items of a list between two places."""

    start: int | None
    stop: int | None

    def of(self, value: Any) -> Iterator[Any]:
        """Yield them."""
        if isinstance(value, list):
            yield from value[self.start : self.stop]


class Every(NamedTuple):
    """All members or items."""

    def of(self, value: Any) -> Iterator[Any]:
        """Yield them."""
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, list):
            yield from value


class Below(NamedTuple):
    """What a step finds in a value and in all that is below it."""

    step: "Step"

    def of(self, value: Any) -> Iterator[Any]:
        """Yield it, from the top."""
        yield from self.step.of(value)
        for child in Every().of(value):
            yield from self.of(child)


class Filter(NamedTuple):
    """The items of a list, or the object itself, that a condition holds for."""

    holds: Callable[[Any], bool]

    def of(self, value: Any) -> Iterator[Any]:
        """Yield them."""
        candidates = value if isinstance(value, list) else [value]
        yield from (item for item in candidates if self.holds(item))


class PathFunction(NamedTuple):
    """A function at a path's end, such as `.length()`."""

    name: str

    def of(self, value: Any) -> Iterator[Any]:
        """Yield its result, if it has one."""
        yield from path_functions.results(self.name, value)


Step = Member | Index | Slice | Every | Below | Filter | PathFunction


@dataclass(frozen=True)
class Path:
    """A path that has been read.

    Attributes:
        root: "$" of the input, "$$" of the context object, or a variable's name.
        steps: from the root on.
    """

    text: str
    root: str
    steps: tuple[Step, ...]

    @property
    def definite(self) -> bool:
        """Whether it can find one value only."""
        return all(map(_is_definite, self.steps))

    @property
    def reference(self) -> bool:
        """Whether it is a reference path, which can be written to."""
        return self.definite and not any(isinstance(step, PathFunction) for step in self.steps)

    def find(self, value: Any) -> Any:
        """Return what it finds.

        Raises:
            NoMatch: it must find one value and finds none.
        """
        found = [value]
        sure = True
        for place, step in enumerate(self.steps):
            if isinstance(step, PathFunction) and not sure:
                found = list(step.of(found))
                sure = True
                continue
            found = [item for each in found for item in step.of(each)]
            sure = sure and _is_definite(step)
            if sure and not found:
                raise NoMatch(_reason(self.steps, place))
        return found[0] if sure else found


def _is_definite(step: Step) -> bool:
    if isinstance(step, Member):
        return len(step.names) == 1
    if isinstance(step, Index):
        return len(step.places) == 1
    return isinstance(step, PathFunction)


def _reason(steps: tuple[Step, ...], place: int) -> str:
    """Say why a definite path ends, in the library's words."""
    shown = "".join(map(_shown, steps[: place + 1]))
    last = place == len(steps) - 1
    return f"{'No results for path:' if last else 'Missing property in path'} ${shown}"


def _shown(step: Step) -> str:
    if isinstance(step, Member):
        return "".join(f"['{name}']" for name in step.names)
    if isinstance(step, Index):
        return f"[{step.places[0]}]"
    return f".{step.name}()" if isinstance(step, PathFunction) else "[*]"
