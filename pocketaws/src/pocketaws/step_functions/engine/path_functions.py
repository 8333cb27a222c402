"""The functions that a JSONPath may end with."""

import statistics
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pocketaws.step_functions.engine.documents import is_number


def _numbers(value: Any) -> list[float]:
    return [item for item in value if is_number(item)] if isinstance(value, list) else []


_OF_NUMBERS: Final[Mapping[str, Callable[[list[float]], float]]] = {
    "min": min,
    "max": max,
    "sum": sum,
    "avg": statistics.fmean,
    "stddev": statistics.pstdev,
}
NAMES: Final = frozenset({*_OF_NUMBERS, "length", "size", "keys"})


def results(name: str, value: Any) -> Iterator[Any]:
    """Yield a function's result of a value, or nothing where it has none."""
    if name in {"length", "size"} and isinstance(value, list | dict | str):
        yield len(value)
    elif name == "keys" and isinstance(value, dict):
        yield list(value)
    elif name in _OF_NUMBERS and _numbers(value):
        yield _OF_NUMBERS[name](_numbers(value))
