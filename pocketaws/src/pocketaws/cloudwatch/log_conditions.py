"""The conditions of filter patterns: `$.level = "ERROR" && ($.code >= 500 || $.user IS NULL)`."""

import re
from collections.abc import Callable
from typing import Any, Final

from pocketaws.conditions import Condition, ConditionReader

# Returns what is there: one value, or none.
Selector = Callable[[Any], list[Any]]
ReadSelector = Callable[[str, int], tuple[Selector, int]]

_SPACE: Final = re.compile(r"\s*")
_TEST: Final = re.compile(r"\s*(IS\s+TRUE|IS\s+FALSE|IS\s+NULL|NOT\s+EXISTS|EXISTS)\b")
_SIGN: Final = re.compile(r"\s*(!=|<=|>=|=|<|>)\s*")
_OPERAND: Final = re.compile(
    r"\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|%(?P<regex>[^%]+)%|(?P<word>[^\s()&|]+)"
)
_STEP: Final = re.compile(r"\.?\[\s*'([^']+)'\s*\]|\[\s*(\d+)\s*\]|\.([^\s.\[\]()=<>!&|]+)")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


class PatternError(ValueError):
    """A text is no filter pattern."""


class LogConditionReader(ConditionReader):
    """Reads a condition.

    Args:
        text: of the condition.
        read_selector: reads what is compared, from a place on.
    """

    def __init__(self, text: str, read_selector: ReadSelector) -> None:
        super().__init__(text)
        self._read_selector = read_selector

    def whole(self) -> Condition:
        """Return the condition that the text is.

        Raises:
            PatternError: it is none.
        """
        condition, position = self.condition(0)
        if self._text[position:].strip():
            raise self._error(position)
        return condition

    def _comparison(self, position: int) -> tuple[Condition, int]:
        select, position = self._read_selector(self._text, position)
        if test := _TEST.match(self._text, position):
            return _tested(select, " ".join(test[1].split())), test.end()
        sign = _SIGN.match(self._text, position)
        operand = _OPERAND.match(self._text, sign.end()) if sign else None
        if sign is None or operand is None:
            raise self._error(position)
        holds = _compared(sign[1], operand)
        if sign[1] == "!=":
            # What is not there is unequal.
            return (lambda item: all(map(holds, select(item)))), operand.end()
        return (lambda item: any(map(holds, select(item)))), operand.end()

    def _error(self, position: int) -> PatternError:
        return PatternError(f"{self._text!r} cannot be read from {self._text[position:]!r} on")


def json_selector(text: str, position: int) -> tuple[Selector, int]:
    """Read the path of a JSON condition: `$.a.b[0].c`, `$.['a.b']`."""
    position = _SPACE.match(text, position).end()  # type: ignore[union-attr] # it may be empty
    if not text.startswith("$", position):
        raise PatternError(f"a selector must begin with $ at {text[position:]!r}")
    position += 1
    steps: list[str | int] = []
    while step := _STEP.match(text, position):
        quoted, place, name = step.groups()
        steps.append(int(place) if place is not None else quoted or name)
        position = step.end()

    def select(value: Any) -> list[Any]:
        found = [value]
        for step in steps:
            found = [item for each in found for item in _below(each, step)]
        return found

    return select, position


def _below(value: Any, step: str | int) -> list[Any]:
    if isinstance(value, list):
        return value[step : step + 1] if isinstance(step, int) else []
    return [value[step]] if isinstance(value, dict) and step in value else []


def _tested(select: Selector, test: str) -> Condition:
    if test == "NOT EXISTS":
        return lambda item: not select(item)
    if test == "EXISTS":
        return lambda item: bool(select(item))
    wanted = {"IS TRUE": True, "IS FALSE": False, "IS NULL": None}[test]
    return lambda item: any(found is wanted for found in select(item))


def _compared(sign: str, operand: re.Match[str]) -> Condition:
    if operand["regex"] is not None:
        try:
            expression = re.compile(operand["regex"])
        except re.error as error:
            raise PatternError(f"%{operand['regex']}% is no regular expression") from error
        return _matched(sign, expression.search)
    word = operand["word"]
    if word is not None and _NUMBER.fullmatch(word):
        return _numeric(sign, float(word))
    if sign not in {"=", "!="}:
        raise PatternError(f"{sign} needs a number")
    plain = re.sub(r"\\(.)", r"\1", operand["quoted"]) if word is None else word
    parts = map(re.escape, plain.split("*"))
    expression = re.compile(".*".join(parts), re.DOTALL)
    return _matched(sign, expression.fullmatch)


def _matched(sign: str, match: Callable[[str], Any]) -> Condition:
    def holds(value: Any) -> bool:
        text = _text(value)
        return (text is not None and match(text) is not None) == (sign == "=")

    return holds


def _numeric(sign: str, wanted: float) -> Condition:
    decide: dict[str, Callable[[float], bool]] = {
        "=": lambda number: number == wanted,
        "<": lambda number: number < wanted,
        "<=": lambda number: number <= wanted,
        ">": lambda number: number > wanted,
        ">=": lambda number: number >= wanted,
    }

    def holds(value: Any) -> bool:
        number = _number(value)
        if sign == "!=":
            return number != wanted
        return number is not None and decide[sign](number)

    return holds


def _number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return None


def _text(value: Any) -> str | None:
    """Return a value's text; None of what has none."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None
