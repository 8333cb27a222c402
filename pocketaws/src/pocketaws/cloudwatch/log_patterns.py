"""The filter patterns of CloudWatch Logs: terms, JSON conditions and fields between spaces.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import functools
import json
import re
from collections.abc import Callable
from typing import Any, Final

from pocketaws.cloudwatch.log_conditions import (
    LogConditionReader,
    PatternError,
    Selector,
    json_selector,
)
from pocketaws.conditions import Condition

Matches = Callable[[str], bool]

_TERM: Final = re.compile(
    r"\s*(?P<sign>[?-]?)(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|%(?P<regex>[^%]+)%|(?P<word>[^\s\"%]+))"
)
_FIELD: Final = re.compile(r"\"([^\"]*)\"|\[([^\]]*)\]|(\S+)")
_NAME: Final = re.compile(r"\s*([A-Za-z_]\w*)")
_ELLIPSIS: Final = "..."


@functools.lru_cache(maxsize=256)
def matcher(pattern: str) -> Matches:
    """Return what tells whether a message matches a pattern.

    Raises:
        PatternError: it is none.
    """
    text = pattern.strip()
    if text.startswith("{") and text.endswith("}"):
        return _json_matcher(text[1:-1])
    if text.startswith("[") and text.endswith("]"):
        return _fields_matcher(text[1:-1])
    return _terms_matcher(text)


def _json_matcher(text: str) -> Matches:
    condition = LogConditionReader(text, json_selector).whole()

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except ValueError:
            return False
        return isinstance(document, dict | list) and condition(document)

    return matches


def _terms_matcher(text: str) -> Matches:
    wanted: list[Matches] = []
    optional: list[Matches] = []
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            raise PatternError(f"the term at {text[position:]!r} cannot be read")
        position = term.end()
        holds = _contained(term)
        if term["sign"] == "?":
            optional.append(holds)
        elif term["sign"] == "-":
            wanted.append(_denied(holds))
        else:
            wanted.append(holds)
    # Beside others, optional terms are not heeded.
    if optional and not wanted:
        return lambda message: any(holds(message) for holds in optional)
    return lambda message: all(holds(message) for holds in wanted)


def _denied(holds: Matches) -> Matches:
    return lambda message: not holds(message)


def _contained(term: re.Match[str]) -> Matches:
    if term["regex"] is not None:
        try:
            expression = re.compile(term["regex"])
        except re.error as error:
            raise PatternError(f"%{term['regex']}% is no regular expression: {error}") from error
        return lambda message: expression.search(message) is not None
    quoted = term["quoted"]
    word = term["word"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return lambda message: word in message


def _fields_matcher(text: str) -> Matches:
    parts = [part.strip() for part in text.split(",")]
    names = [_field_name(part) for part in parts]
    if names.count(_ELLIPSIS) > 1:
        raise PatternError("there may be one ellipsis")
    conditions = [_field_condition(part) for part in parts if _is_condition(part)]

    def matches(message: str) -> bool:
        values = ["".join(found) for found in _FIELD.findall(message)]
        named = _named(names, values)
        return named is not None and all(condition(named) for condition in conditions)

    return matches


def _is_condition(part: str) -> bool:
    name = _NAME.match(part)
    return name is not None and bool(part[name.end() :].strip())


def _field_name(part: str) -> str:
    if part == _ELLIPSIS or not part:
        return part
    name = _NAME.match(part)
    if name is None:
        raise PatternError(f"the field {part!r} has no name")
    return name[1]


def _field_condition(part: str) -> Condition:
    return LogConditionReader(part, _field_selector).whole()


def _field_selector(text: str, position: int) -> tuple[Selector, int]:
    name = _NAME.match(text, position)
    if name is None:
        raise PatternError(f"a field's name must stand at {text[position:]!r}")
    return (lambda values: [values[name[1]]] if name[1] in values else []), name.end()


def _named(names: list[str], values: list[str]) -> dict[str, Any] | None:
    """Return the values by their names, or None where there are too many or too few."""
    if _ELLIPSIS not in names:
        return dict(zip(names, values, strict=True)) if len(names) == len(values) else None
    before = names.index(_ELLIPSIS)
    after = len(names) - before - 1
    if len(values) < before + after:
        return None
    ends = values[len(values) - after :] if after else []
    first = dict(zip(names[:before], values[:before], strict=True))
    return {**first, **dict(zip(names[before + 1 :], ends, strict=True))}


__all__ = ["PatternError", "matcher"]
