"""Texts that others have written, as a terminal may show them."""

from typing import Final

_KEPT: Final = "\t"


def plain(text: str) -> str:
    r"""Write out what would command a terminal, or turn the reading order, as its escape.

    A key, a message or a log may hold anything: `\x1b[2J` would empty the screen, U+202E would show
    a name backwards.
    """
    return "\n".join(map(_plain_line, text.split("\n")))


def _plain_line(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(
        char if char.isprintable() or char == _KEPT else char.encode("unicode_escape").decode()
        for char in line
    )
