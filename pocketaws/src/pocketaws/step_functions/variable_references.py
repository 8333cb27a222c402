"""Which states refer to which variables, as DescribeStateMachine tells it.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pocketaws.step_functions.engine import intrinsics
from pocketaws.step_functions.engine.json_path import parsed
from pocketaws.step_functions.engine.jsonata_language import is_expression

# Have states of their own.
_INSIDE: Final = ("Branches", "ItemProcessor", "Iterator")
_ROOTS: Final = ("$", "$$")
_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|/\*.*?\*/", re.DOTALL)
# Neither a function that is called, nor a name that the expression itself gives.
_VARIABLE: Final = re.compile(r"\$([A-Za-z_]\w*)(?!\w|\s*\(|\s*:=)")
_BOUND: Final = re.compile(r"\$(\w+)\s*:=|function\s*\(([^)]*)\)")


def references(definition: str) -> dict[str, list[str]]:
    """Return the variables that each state refers to; states that refer to none are left out."""
    found: dict[str, list[str]] = {}
    for name, state in _states(json.loads(definition)):
        fields = {key: value for key, value in state.items() if key not in _INSIDE}
        names = sorted(set(_referred(fields)))
        if names:
            found[name] = names
    return found


def _states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, state in machine.get("States", {}).items():
        yield name, state
        for branch in state.get("Branches", []):
            yield from _states(branch)
        for key in ("ItemProcessor", "Iterator"):
            yield from _states(state.get(key, {}))


def _referred(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _referred(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _referred(item)
    elif is_expression(value):
        yield from _of_jsonata(value)
    elif isinstance(value, str) and (key.endswith((".$", "Path")) or key == "Variable"):
        yield from _of_path(value)


def _of_jsonata(text: str) -> Iterator[str]:
    plain = _QUOTED.sub("''", text)
    bound = {"states"}
    for name, parameters in _BOUND.findall(plain):
        bound |= {name, *re.findall(r"\w+", parameters)}
    yield from (name for name in _VARIABLE.findall(plain) if name not in bound)


def _of_path(text: str) -> Iterator[str]:
    try:
        paths = intrinsics.read(text).paths() if intrinsics.is_call(text) else [parsed(text)]
    except ValueError:
        return
    yield from (path.root for path in paths if path.root not in _ROOTS)
