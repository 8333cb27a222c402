r"""Wildcards of event patterns: `*` is anything, `\*` a star, `\\` a backslash."""

import functools
import re
from typing import Final

_PARTS: Final = re.compile(r"\\(?P<escaped>.)|(?P<star>\*)|[^\\*]+|\\", re.DOTALL)
_ESCAPABLE: Final = "*\\"


def problem(text: str) -> str | None:
    """Return what is wrong with a wildcard, or None."""
    before = ""
    for part in _PARTS.finditer(text):
        if part[0] == "\\" or (part["escaped"] and part["escaped"] not in _ESCAPABLE):
            return f"Invalid escape character at pos {part.start()}"
        if part["star"] and before == "*":
            return f"Consecutive wildcard characters at pos {part.start() - 1}"
        before = part[0]
    return None


@functools.lru_cache(maxsize=1024)
def compiled(text: str) -> re.Pattern[str]:
    """Return what a whole text must match."""
    parts = [
        ".*" if part["star"] else re.escape(part["escaped"] or part[0])
        for part in _PARTS.finditer(text)
    ]
    return re.compile("".join(parts), re.DOTALL)
