"""Reads JSONPath."""

import re
from typing import Final

from pocketaws.step_functions.engine import path_filters, path_functions
from pocketaws.step_functions.engine.path_steps import (
    Below,
    Every,
    Filter,
    Index,
    Member,
    Path,
    PathFunction,
    PathSyntaxError,
    Slice,
    Step,
)

_ROOT: Final = re.compile(r"\$\$|\$(?P<variable>[A-Za-z_À-￿][\w]*)?")
_DOT: Final = re.compile(r"(?P<deep>\.\.?)(?P<name>\*|[^.\[\]()\s'\",<>=!&|~]+)(?P<call>\(\))?")
_DEEP_BRACKET: Final = re.compile(r"\.\.(?=\[)")
_QUOTED: Final = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_NAMES: Final = re.compile(rf"\[\s*((?:{_QUOTED})(?:\s*,\s*(?:{_QUOTED}))*)\s*\]")
_PLACES: Final = re.compile(r"\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]")
_SLICE: Final = re.compile(r"\[\s*(-?\d+)?\s*:\s*(-?\d+)?\s*\]")
_STAR: Final = re.compile(r"\[\s*\*\s*\]")
_FILTER: Final = re.compile(r"\[\s*\?\s*\(")
_ONE_QUOTED: Final = re.compile(_QUOTED)
_ESCAPE: Final = re.compile(r"\\(.)")


def read(text: str) -> Path:
    """Read a path.

    Raises:
        PathSyntaxError: it is none.
    """
    root = _ROOT.match(text)
    if root is None:
        raise PathSyntaxError(f"'{text}' must begin with '$'")
    steps, end = read_steps(text, root.end())
    if end != len(text):
        raise PathSyntaxError(f"'{text}' cannot be read from {text[end:]!r} on")
    return Path(text, root["variable"] or root[0], steps)


def read_steps(text: str, position: int) -> tuple[tuple[Step, ...], int]:
    """Read as many steps as there are; return them and where they end."""
    steps: list[Step] = []
    while position < len(text) and text[position] in ".[":
        deep = _DEEP_BRACKET.match(text, position)
        dot = None if deep else _DOT.match(text, position)
        if dot is not None:
            step, position = _dotted(dot), dot.end()
        else:
            step, position = _bracket(text, deep.end() if deep else position)
        steps.append(Below(step) if deep else step)
    return tuple(steps), position


def _dotted(dot: re.Match[str]) -> Step:
    name = dot["name"]
    if dot["call"]:
        if name not in path_functions.NAMES:
            raise PathSyntaxError(f"there is no function {name}()")
        return PathFunction(name)
    step: Step = Every() if name == "*" else Member((name,))
    return Below(step) if dot["deep"] == ".." else step


def _bracket(text: str, position: int) -> tuple[Step, int]:
    if names := _NAMES.match(text, position):
        quoted = _ONE_QUOTED.findall(names[1])
        return Member(tuple(_ESCAPE.sub(r"\1", name[1:-1]) for name in quoted)), names.end()
    if places := _PLACES.match(text, position):
        return Index(tuple(int(place) for place in places[1].split(","))), places.end()
    if part := _SLICE.match(text, position):
        start, stop = (None if end is None else int(end) for end in part.groups())
        return Slice(start, stop), part.end()
    if star := _STAR.match(text, position):
        return Every(), star.end()
    if condition := _FILTER.match(text, position):
        return _filter(text, condition.end())
    raise PathSyntaxError(f"'{text}' cannot be read from {text[position:]!r} on")


def _filter(text: str, position: int) -> tuple[Step, int]:
    holds, position = path_filters.PathFilterReader(text, read_steps).condition(position)
    closed = re.compile(r"\s*\)\s*\]").match(text, position)
    if closed is None:
        raise PathSyntaxError(f"'{text}': the filter does not end at {text[position:]!r}")
    return Filter(holds), closed.end()
