"""What expressions of JSONata ask of `$states`, and where they may.

What a field or a state cannot see is refused when the state machine is created.
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pocketaws.step_functions.engine.jsonata_language import is_expression
from pocketaws.step_functions.validation.report import DefinitionPlace

_EVERYWHERE: Final = ("input", "context")
_RESULT: Final = "result"
_ERROR_OUTPUT: Final = "errorOutput"
_WORKING: Final = ("Task", "Parallel", "Map")
# Have states of their own.
_INSIDE: Final = ("Branches", "ItemProcessor", "Iterator")
# Texts and comments, in which nothing is asked for.
_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|/\*.*?\*/", re.DOTALL)
_ASKED: Final = re.compile(r"\$states\s*\.\s*(\w+)")


def check(state: Mapping[str, Any], place: DefinitionPlace) -> None:
    """Check the expressions of a state in JSONata, but for those of states inside of it."""
    for name, value in state.items():
        if name in _INSIDE:
            continue
        here = place.at(name)
        if name == "Catch" and isinstance(value, list):
            for index, catcher in enumerate(value):
                _check_catcher(catcher, here.at(index))
            continue
        sees_result = name in {"Output", "Assign"} and state["Type"] in _WORKING
        _check(value, here, (*_EVERYWHERE, *([_RESULT] if sees_result else [])))


def _check_catcher(catcher: Any, place: DefinitionPlace) -> None:
    if isinstance(catcher, dict):
        for name, value in catcher.items():
            _check(value, place.at(name), (*_EVERYWHERE, _ERROR_OUTPUT))


def _check(value: Any, place: DefinitionPlace, seen: tuple[str, ...]) -> None:
    for here, text in _expressions(value, place):
        for name in _ASKED.findall(_QUOTED.sub("''", text)):
            if name not in seen:
                here.error(f"The field '{name}' of the variable $states cannot be accessed here")


def _expressions(value: Any, place: DefinitionPlace) -> Iterator[tuple[DefinitionPlace, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _expressions(item, place.at(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _expressions(item, place.at(index))
    elif is_expression(value):
        yield place, value
