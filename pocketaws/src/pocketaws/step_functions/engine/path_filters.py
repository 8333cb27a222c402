"""Reads the conditions of a JSONPath's filters: `[?(@.price < 10 && !@.sold)]`."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pocketaws.conditions import Condition, ConditionReader
from pocketaws.step_functions.engine.documents import is_number, same
from pocketaws.step_functions.engine.path_steps import NoMatch, Path, PathSyntaxError, Step

Operand = Callable[[Any], Any]
ReadSteps = Callable[[str, int], tuple[tuple[Step, ...], int]]

_SPACE: Final = re.compile(r"\s*")
_OPERATOR: Final = re.compile(r"\s*(==|!=|<=|>=|=~|<|>|in\b|nin\b|contains\b)\s*")
_LITERAL: Final = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>true|false|null)"
    r"|/(?P<pattern>(?:[^/\\]|\\.)*)/(?P<flags>\w*)"
)
_WORDS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}
_MISSING: Final = object()
_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PathFilterReader(ConditionReader):
    """Reads the condition that stands at a place of a path.

    Args:
        text: the whole path.
        read_steps: reads the steps of a path from a place on.
    """

    denies = True

    def __init__(self, text: str, read_steps: ReadSteps) -> None:
        super().__init__(text)
        self._read_steps = read_steps

    def _comparison(self, position: int) -> tuple[Condition, int]:
        left, position = self._operand(position)
        sign = _OPERATOR.match(self._text, position)
        if sign is None:
            return (lambda item: left(item) is not _MISSING), position
        right, position = self._operand(sign.end())
        return (lambda item: _compared(sign[1], left(item), right(item))), position

    def _operand(self, position: int) -> tuple[Operand, int]:
        position = self._skipped(position)
        if self._text.startswith("@", position):
            return self._relative(position)
        if self._text.startswith("[", position):
            return self._list(position + 1)
        value, position = self._literal(position)
        return (lambda _: value), position

    def _relative(self, position: int) -> tuple[Operand, int]:
        steps, end = self._read_steps(self._text, position + 1)
        path = Path(self._text[position:end], "@", steps)

        def find_value(item: Any) -> Any:
            try:
                return path.find(item)
            except NoMatch:
                return _MISSING

        return find_value, end

    def _list(self, position: int) -> tuple[Operand, int]:
        values = []
        position = self._skipped(position)
        while not self._text.startswith("]", position):
            value, position = self._literal(position)
            values.append(value)
            position = self._skipped(position)
            if self._text.startswith(",", position):
                position = self._skipped(position + 1)
        return (lambda _: values), position + 1

    def _literal(self, position: int) -> tuple[Any, int]:
        literal = _LITERAL.match(self._text, position)
        if literal is None:
            raise self._error(position)
        return _value(literal), literal.end()

    def _error(self, position: int) -> PathSyntaxError:
        rest = self._text[position:]
        return PathSyntaxError(f"'{self._text}' cannot be read from {rest!r} on")


def _compared(sign: str, left: Any, right: Any) -> bool:
    if sign == "=~":
        return isinstance(left, str) and right.fullmatch(left) is not None
    if sign in {"in", "nin"}:
        inside = isinstance(right, list) and any(same(left, item) for item in right)
        return inside == (sign == "in")
    if sign == "contains":
        return isinstance(left, list | str) and right in left
    if sign in {"==", "!="}:
        return same(left, right) == (sign == "==")
    comparable = (is_number(left) and is_number(right)) or (
        isinstance(left, str) and isinstance(right, str)
    )
    return comparable and _ORDER[sign](left, right)


def _value(literal: re.Match[str]) -> Any:
    if literal["text"] is not None:
        return re.sub(r"\\(.)", r"\1", literal["text"][1:-1])
    if literal["number"] is not None:
        number = float(literal["number"])
        return int(number) if number.is_integer() else number
    if literal["word"] is not None:
        return _WORDS[literal["word"]]
    return re.compile(literal["pattern"], re.IGNORECASE if "i" in literal["flags"] else 0)
