"""What Python's parser takes for JSON, and nobody means: hooks of `json.loads` that refuse it."""

from collections.abc import Sequence
from typing import Any, NoReturn


def once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's members.

    Raises:
        ValueError: one stands twice, and which of both is meant nobody can tell.
    """
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands twice in an object; give it once")
    return members


def no_number(text: str) -> NoReturn:
    """Refuse `NaN` and `Infinity`.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{text} is no number of JSON's")
