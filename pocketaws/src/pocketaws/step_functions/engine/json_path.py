"""JSONPath as Step Functions reads it, which is as Jayway's library for Java does.

A path that can find one value only gives that value, any other the list of what it finds.
https://github.com/json-path/JsonPath
"""

import functools
from collections.abc import Mapping
from typing import Any

from pocketaws.step_functions.engine import path_parser
from pocketaws.step_functions.engine.path_steps import NoMatch, Path, PathSyntaxError

__all__ = ["NoMatch", "Path", "PathSyntaxError", "find_in", "parsed"]


@functools.lru_cache(maxsize=4096)
def parsed(text: str) -> Path:
    """Read a path.

    Raises:
        PathSyntaxError: it is none.
    """
    return path_parser.read(text)


def find_in(text: str, roots: Mapping[str, Any]) -> Any:
    """Return what a path finds among its possible roots ("$", "$$" and variables).

    Raises:
        NoMatch: nothing is there.
        PathSyntaxError: it is no path.
    """
    path = parsed(text)
    if path.root not in roots:
        raise NoMatch(f"there is no variable {path.root}")
    return path.find(roots[path.root])
