"""Conditions joined by `||` and `&&` and grouped by parentheses, whatever they compare."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Final

Condition = Callable[[Any], bool]

_SPACE: Final = re.compile(r"\s*")


class ConditionReader(ABC):
    """Reads conditions of a text; what one comparison is, its language says.

    Args:
        text: that they stand in.
    """

    # Whether ! before a condition denies it.
    denies: ClassVar[bool] = False

    def __init__(self, text: str) -> None:
        self._text = text

    def condition(self, position: int) -> tuple[Condition, int]:
        """Read a condition from a place on; return it and where it ends."""
        return self._joined(position, "||", self._all)

    @abstractmethod
    def _comparison(self, position: int) -> tuple[Condition, int]:
        """Read one comparison."""

    @abstractmethod
    def _error(self, position: int) -> Exception:
        """Return what says that the text cannot be read on."""

    def _all(self, position: int) -> tuple[Condition, int]:
        return self._joined(position, "&&", self._one)

    def _joined(
        self, position: int, sign: str, part: Callable[[int], tuple[Condition, int]]
    ) -> tuple[Condition, int]:
        first, position = part(position)
        parts = [first]
        while self._text.startswith(sign, self._skipped(position)):
            following, position = part(self._skipped(position) + len(sign))
            parts.append(following)
        decide = any if sign == "||" else all
        return (lambda item: decide(part(item) for part in parts)), position

    def _one(self, position: int) -> tuple[Condition, int]:
        position = self._skipped(position)
        if self.denies and self._text.startswith("!", position):
            denied, position = self._one(position + 1)
            return (lambda item: not denied(item)), position
        if not self._text.startswith("(", position):
            return self._comparison(position)
        inner, position = self.condition(position + 1)
        position = self._skipped(position)
        if not self._text.startswith(")", position):
            raise self._error(position)
        return inner, position + 1

    def _skipped(self, position: int) -> int:
        space = _SPACE.match(self._text, position)
        return space.end() if space else position
