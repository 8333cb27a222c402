"""Texts as a mail, a page and a log line can hold them."""

import datetime
from typing import Final

_ELLIPSIS: Final = "..."


def printable(text: str) -> str:
    """Put a space in place of control characters and of those that turn the reading order."""
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)


def one_line(text: str) -> str:
    """Return a text on a single line, with single spaces."""
    return " ".join(printable(text).split())


def cut(text: str, maximum: int) -> str:
    """Return a text of at most so many characters that shows where it was cut."""
    if len(text) <= maximum:
        return text
    return text[: maximum - len(_ELLIPSIS)] + _ELLIPSIS


def moment(epoch_seconds: int) -> str:
    """Return a time as a person reads it, to the minute."""
    time = datetime.datetime.fromtimestamp(epoch_seconds, datetime.UTC)
    return f"{time:%Y-%m-%d %H:%M} UTC"
