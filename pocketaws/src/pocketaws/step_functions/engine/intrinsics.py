"""Intrinsic functions of the JSONPath language: `States.Format('{}-{}', $.name, 3)`.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.step_functions.engine import intrinsic_functions
from pocketaws.step_functions.engine.errors import INTRINSIC, StateError
from pocketaws.step_functions.engine.intrinsic_functions import Template
from pocketaws.step_functions.engine.json_path import NoMatch, Path, PathSyntaxError, parsed

_NAME: Final = re.compile(r"\s*States\.(\w+)\s*\(")
_TEXT: Final = re.compile(r"'((?:[^'\\]|\\(?:['{}\\/bfnrt\"]|u[0-9A-Fa-f]{4}))*)'")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD: Final = re.compile(r"(true|false|null)\b")
_WORDS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)")
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_OPEN: Final = "([{"
_CLOSE: Final = ")]}"
# https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html: nested up to ten.
_MAX_DEPTH: Final = 10


class IntrinsicSyntaxError(ValueError):
    """A text is no call of an intrinsic function."""


@dataclass(frozen=True)
class IntrinsicCall:
    """A call that has been read; its arguments are literals, `Path`s and further calls."""

    text: str
    name: str
    arguments: tuple[Any, ...]

    def paths(self) -> list[Path]:
        """Return every path among its arguments, and theirs."""
        found = [argument for argument in self.arguments if isinstance(argument, Path)]
        inner = [argument for argument in self.arguments if isinstance(argument, IntrinsicCall)]
        return found + [path for call in inner for path in call.paths()]

    def result(self, find: Callable[[Path], Any]) -> Any:
        """Return what the function makes of its arguments.

        Args:
            find: what a path finds, where the call stands.

        Raises:
            StateError: `States.IntrinsicFailure`.
            NoMatch: a path finds nothing.
        """
        arguments = [_value(argument, find) for argument in self.arguments]
        try:
            return intrinsic_functions.FUNCTIONS[self.name].function(*arguments)
        except (ValueError, TypeError, ArithmeticError, LookupError) as error:
            cause = f"The function '{self.text}' had the following error: {error}"
            raise StateError(INTRINSIC, cause) from error


def _value(argument: Any, find: Callable[[Path], Any]) -> Any:
    if isinstance(argument, Path):
        return find(argument)
    return argument.result(find) if isinstance(argument, IntrinsicCall) else argument


def is_call(text: str) -> bool:
    """Tell whether a text looks like a call, right or wrong."""
    return text.lstrip().startswith("States.")


@functools.lru_cache(maxsize=4096)
def read(text: str) -> IntrinsicCall:
    """Read a call.

    Raises:
        IntrinsicSyntaxError: it is none, or of no function that there is.
    """
    call, end = _IntrinsicReader(text).call(0, depth=1)
    if text[end:].strip():
        raise IntrinsicSyntaxError(f"'{text}' goes on with {text[end:]!r} after the call")
    return call


class _IntrinsicReader:
    def __init__(self, text: str) -> None:
        self._text = text

    def call(self, position: int, depth: int) -> tuple[IntrinsicCall, int]:
        begun = position
        name = _NAME.match(self._text, position)
        if name is None or depth > _MAX_DEPTH:
            raise self._error(position)
        arguments, end = self._arguments(name.end(), depth)
        known = intrinsic_functions.FUNCTIONS.get(name[1])
        if known is None:
            raise IntrinsicSyntaxError(f"there is no intrinsic function States.{name[1]}")
        if not known.least <= len(arguments) <= known.most:
            raise IntrinsicSyntaxError(
                f"States.{name[1]} takes {known.in_words} arguments, not {len(arguments)}"
            )
        return IntrinsicCall(self._text[begun:end].strip(), name[1], tuple(arguments)), end

    def _arguments(self, position: int, depth: int) -> tuple[list[Any], int]:
        arguments: list[Any] = []
        position = self._skipped(position)
        while not self._text.startswith(")", position):
            if arguments:
                if not self._text.startswith(",", position):
                    raise self._error(position)
                position = self._skipped(position + 1)
            argument, position = self._argument(position, depth)
            arguments.append(argument)
            position = self._skipped(position)
        return arguments, position + 1

    def _argument(self, position: int, depth: int) -> tuple[Any, int]:
        if text := _TEXT.match(self._text, position):
            return Template(_unescaped(text[1]), text[1]), text.end()
        if word := _WORD.match(self._text, position):
            return _WORDS[word[1]], word.end()
        if number := _NUMBER.match(self._text, position):
            return json.loads(number[0]), number.end()
        if self._text.startswith("$", position):
            return self._path(position)
        return self.call(position, depth + 1)

    def _path(self, position: int) -> tuple[Path, int]:
        end, depth, quote = position, 0, ""
        while end < len(self._text):
            sign = self._text[end]
            if quote:
                quote = "" if sign == quote else quote
            elif depth and sign in "'\"":
                quote = sign
            elif not depth and sign in ",)":
                break
            depth += (sign in _OPEN) - (sign in _CLOSE) if not quote else 0
            end += 1
        try:
            return parsed(self._text[position:end].strip()), end
        except PathSyntaxError as error:
            raise IntrinsicSyntaxError(str(error)) from error

    def _skipped(self, position: int) -> int:
        while self._text[position : position + 1].isspace():
            position += 1
        return position

    def _error(self, position: int) -> IntrinsicSyntaxError:
        rest = self._text[position:]
        return IntrinsicSyntaxError(f"'{self._text}' cannot be read from {rest!r} on")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda escape: _unescaped_one(escape[1]), text)


def _unescaped_one(sign: str) -> str:
    if len(sign) > 1:
        return chr(int(sign[1:], 16))
    return _ESCAPES.get(sign, sign)


__all__ = ["IntrinsicCall", "IntrinsicSyntaxError", "NoMatch", "is_call", "read"]
