"""Texts that others have written, as a terminal may show them."""

from typing import Final

_KEPT: Final = "\n\t"


def plain(text: str) -> str:
    r"""Write out what would command a terminal, or turn the reading order, as its escape.

    A key, a message or a log may hold anything: `\x1b[2J` would empty the screen, U+202E would show
    a name backwards.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _KEPT else char.encode("unicode_escape").decode()
        for char in text
    )
