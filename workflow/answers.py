"""Yes and no, as people type them into a terminal."""

from collections.abc import Mapping
from typing import Final

_ANSWERS: Final[Mapping[str, bool]] = {"y": True, "yes": True, "n": False, "no": False}


def answer_in(line: str) -> bool | None:
    """Return whether a line says yes; None where it says neither yes nor no."""
    return _ANSWERS.get(line.strip().lower())


def unknown_answer(line: str) -> str:
    """Return what to say to a line that is neither."""
    return f"{line.strip()!r} is no answer: type yes or no"
