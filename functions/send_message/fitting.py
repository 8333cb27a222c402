"""Texts made to fit what SNS takes.

Limits: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from collections.abc import Iterable, Sequence
from typing import Final

# Less than 100 characters, and 256 KiB with the attributes.
_SUBJECT_MAXIMUM: Final = 99
_TEXT_MAXIMUM_BYTES: Final = 200_000


def subject_of(text: str) -> str:
    """Return a single line of ASCII; what is too long loses its end."""
    line = " ".join(_printable(text).split())
    return cut(line.encode("ascii", "replace").decode(), _SUBJECT_MAXIMUM)


def text_of(paragraphs: Iterable[Sequence[str]]) -> str:
    """Join paragraphs of lines, with an empty line between those that have any."""
    text = "\n\n".join("\n".join(lines) for lines in paragraphs if lines)
    return _printable(text).encode()[:_TEXT_MAXIMUM_BYTES].decode(errors="ignore")


def cut(text: str, maximum: int) -> str:
    """Return a text of at most so many characters that shows where it was cut."""
    return text if len(text) <= maximum else f"{text[: maximum - 3]}..."


def _printable(text: str) -> str:
    """Replace control characters, which SNS or a mail program may refuse."""
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)
